pragma circom 2.2.0;

include "lib/bits/Num2Bits.circom";

/// @title AssertOverlap
/// @notice Enforces that members of the trusted set with more than a third of its power are among those who sealed: 3·overlap > N_trusted.
///     Members match whole, identity and key together, and each is used once. Equal sets satisfy it by their quorum.
/// @param TIER most members of either set
/// @input sealed[TIER] binary; requires: SealSlots
/// @input signingIdentity[TIER], signingKey[TIER][4] requires: bound by the signing set's commitment
/// @input trustedActive[TIER] binary, trustedSize [1, TIER]; requires: IstanbulSetCommitment
/// @input trustedIdentity[TIER], trustedKey[TIER][4] requires: bound by the trusted set's commitment
/// @input match[TIER][TIER] binary, enforced here: signing member i is trusted member k
/// @soundness row and column sums of `match` are binary; a matched row's identity and key equal the trusted member's, because exactly one summand is selected
/// @cost 6·TIER² + 9·TIER
template AssertOverlap(TIER) {
    assert(TIER <= 1024);
    signal input sealed[TIER];
    signal input signingIdentity[TIER];
    signal input signingKey[TIER][4];
    signal input trustedActive[TIER];
    signal input trustedSize;
    signal input trustedIdentity[TIER];
    signal input trustedKey[TIER][4];
    signal input match[TIER][TIER];

    var column[TIER];
    for (var k = 0; k < TIER; k++) column[k] = 0;

    signal matched[TIER];
    signal term[TIER][TIER][5];
    var overlap = 0;
    for (var i = 0; i < TIER; i++) {
        var row = 0;
        var sum[5] = [0, 0, 0, 0, 0];
        for (var k = 0; k < TIER; k++) {
            match[i][k] * (1 - match[i][k]) === 0;
            row += match[i][k];
            column[k] += match[i][k];
            term[i][k][0] <== match[i][k] * trustedIdentity[k];
            sum[0] += term[i][k][0];
            for (var h = 0; h < 4; h++) {
                term[i][k][h + 1] <== match[i][k] * trustedKey[k][h];
                sum[h + 1] += term[i][k][h + 1];
            }
        }
        matched[i] <== row;
        matched[i] * (1 - matched[i]) === 0;
        matched[i] * (1 - sealed[i]) === 0;
        matched[i] * signingIdentity[i] === sum[0];
        for (var h = 0; h < 4; h++) matched[i] * signingKey[i][h] === sum[h + 1];
        overlap += matched[i];
    }
    signal used[TIER];
    for (var k = 0; k < TIER; k++) {
        used[k] <== column[k];
        used[k] * (1 - used[k]) === 0;
        used[k] * (1 - trustedActive[k]) === 0;
    }
    // 3·overlap - N - 1 lies in (-TIER - 1, 3·TIER): 12 bits hold it exactly when it is not negative.
    _ <== Num2Bits(12)(3 * overlap - trustedSize - 1);
}
