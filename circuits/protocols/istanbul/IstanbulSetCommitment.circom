pragma circom 2.2.0;

include "lib/hash/Poseidon.circom";

/// keccak256("zkfinality/set/v1") mod 2^248, as in src/statement/set-commitment.ts
function TAG_SET() {
    return 336455061833466772023445177847804438081290284717223381831813921651747319133;
}

/// @title IstanbulSetCommitment
/// @notice Commitment of a set of secp256k1 keys that each have one vote; the same for every tier.
///     c_0 = P6(TAG_SET, variant, chainId, 2, N, N),  c_{i+1} = P6(c_i, identity_i·2^64 + 1, xLo, xHi, yLo, yHi)
/// @param TIER most members
/// @input variant, chainId field elements, bound by the commitment
/// @input active[TIER] binary, enforced here; ones first, enforced here
/// @input identity[TIER], key[TIER][4] (xLo, xHi, yLo, yHi) field elements, bound by the commitment; zero where inactive, enforced here
/// @output size number of active members, [1, TIER]: at least one, enforced here
/// @output commitment
/// @soundness Poseidon's collision resistance: c_0 fixes N, so a commitment that a verifier computed from a well-formed set
///     fixes every identity and key here, with their ranges
template IstanbulSetCommitment(TIER) {
    signal input variant;
    signal input chainId;
    signal input active[TIER];
    signal input identity[TIER];
    signal input key[TIER][4];
    signal output size;
    signal output commitment;

    active[0] === 1;
    var count = 1;
    for (var i = 1; i < TIER; i++) {
        active[i] * (1 - active[i]) === 0;
        active[i] * (1 - active[i - 1]) === 0;
        count += active[i];
    }
    for (var i = 0; i < TIER; i++) {
        (1 - active[i]) * identity[i] === 0;
        for (var h = 0; h < 4; h++) (1 - active[i]) * key[i][h] === 0;
    }
    size <== count;

    signal link[TIER + 1];
    link[0] <== Poseidon(6)([TAG_SET(), variant, chainId, 2, size, size]);
    signal next[TIER];
    for (var i = 0; i < TIER; i++) {
        next[i] <== Poseidon(6)([link[i], identity[i] * (1 << 64) + 1, key[i][0], key[i][1], key[i][2], key[i][3]]);
        link[i + 1] <== link[i] + active[i] * (next[i] - link[i]);
    }
    commitment <== link[TIER];
}
