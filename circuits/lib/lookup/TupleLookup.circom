pragma circom 2.2.0;

/// @title TupleLookup
/// @notice Looks up N tuples of K components: fold v_0 + v_1·x + … + v_{K-1}·x^(K-1), one inverse at the pole z each.
/// @param N number of tuples
/// @param K components of each, at least 2
/// @input value[N][K] first-round values; a row of the table enforced here, once the balance with that table holds
/// @input chX the challenge
/// @input chPole z, from LookupPole, whose LOG_E accounts for K
/// @output chInverse[N] 1/(z - fold), for the owner to sum into this table's own balance
/// @soundness distinct tuples fold to distinct polynomials in x of degree below K; see LookupPole
/// @cost N·K rows: K - 1 for the fold by Horner's rule, one inverse
template TupleLookup(N, K) {
    assert(K >= 2);
    signal input value[N][K];
    signal input chX;
    signal input chPole;
    signal output chInverse[N];

    signal chFold[N][K - 1];
    for (var n = 0; n < N; n++) {
        var fold = value[n][K - 1];
        for (var k = K - 2; k >= 0; k--) {
            chFold[n][k] <== fold * chX;
            fold = chFold[n][k] + value[n][k];
        }
        // SOUND: the row below.
        chInverse[n] <-- 1 / (chPole - fold);
        chInverse[n] * (chPole - fold) === 1;
    }
}
