pragma circom 2.2.0;

/// @title LookupPole
/// @notice z = x^(2^LOG_E), where the poles of all lookups lie. Tuples are folded with x itself, v_0 + v_1·x + … + v_{k-1}·x^{k-1};
///         fold and pole must not share a power (design: "Tuples folded with powers of the same x" forges every table).
/// @param LOG_E at least 24, with 2^LOG_E > (k - 1)·(N + T - 1): k components of the longest tuple, N looked-up values and T rows in all
/// @input chX the challenge, public; requires: it is the verifier's hash of the first-round commitment
/// @output chPole z
/// @soundness with LOG_E as stated the monomials Z^a·Y^b map to distinct powers X^(Ea+b), so the numerator of a false balance does not
///            vanish identically and holds for at most E·(N + T - 1) of r challenges: 2^-209 at E = 2^24, N + T = 2^20
/// @cost LOG_E rows
template LookupPole(LOG_E) {
    assert(LOG_E >= 24 && LOG_E <= 64);
    signal input chX;
    signal output chPole;

    signal chSquare[LOG_E + 1];
    chSquare[0] <== chX;
    for (var i = 0; i < LOG_E; i++) {
        chSquare[i + 1] <== chSquare[i] * chSquare[i];
    }
    chPole <== chSquare[LOG_E];
}
