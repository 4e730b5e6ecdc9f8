pragma circom 2.2.0;

include "lib/bits/AssertBits.circom";
include "lib/bits/AssertCanonicalSplit.circom";
include "lib/bits/Binary.circom";
include "lib/hash/Poseidon.circom";
include "lib/quorum/AssertTwoThirds.circom";
include "lib/signature/EdDSAPoseidonAssert.circom";
include "protocols/committee/CommitteeSet.circom";
include "protocols/committee/CommitteeTags.circom";

/// @title CommitteeFinality
/// @notice A quorum of the trusted set signed a block of the protocol `committee`: signed power·3 > total power·2.
///     blockHash = P6(TAG_BLOCK, chainId, height·2^72 + time·2^8 + (stateRoot & 255), parentHash, stateRoot >> 8, nextSet)
///     vote      = P4(TAG_VOTE, chainId, height·2^64 + round, blockHash)
/// @param TIER most members, at most 128
/// @input trustedSet, signingSet public: the commitment of the set below, enforced here; the two are equal, enforced here
/// @input nextSet public: what the signed header announces, 0 or a commitment
/// @input w1, w2, w3 public: blockHash >> 8, stateRoot >> 8, height·2^80 + time·2^16 + (blockHash & 255)·2^8 + (stateRoot & 255), each part in
///   its range and of the canonical blockHash, enforced here. w2 is bound as it stands by the signed hash
/// @input chainId bound by the commitment and by every vote
/// @input height, time [0, 2^64) enforced here
/// @input stateLow [0, 2^8) enforced here
/// @input parentHash bound by the signed hash
/// @input round [0, 2^32) enforced here; one for all votes
/// @input present, identity, power, keyX, keyY see CommitteeSet
/// @input signs[TIER] {0, 1} enforced here, 0 where absent enforced here
/// @input r8x, r8y, s [TIER] a signature of the vote where signs is 1, enforced here; where it is 0 s must be below the subgroup order
/// @soundness A slot is a member and has one signature, so nobody counts twice. The power of a slot counts only with signs = 1, which
///   enforces the signature of the one vote, made of this chain, height, round and block. Sums of 128 powers stay below 2^71.
/// @cost TIER·2,911 + 1,509 constraints, linear ones included (13,153 at TIER 4, 374,117 at TIER 128)
template CommitteeFinality(TIER) {
    signal input trustedSet;
    signal input signingSet;
    signal input nextSet;
    signal input w1;
    signal input w2;
    signal input w3;
    signal input chainId;
    signal input height;
    signal input time;
    signal input stateLow;
    signal input parentHash;
    signal input round;
    signal input present[TIER];
    signal input identity[TIER];
    signal input power[TIER];
    signal input keyX[TIER];
    signal input keyY[TIER];
    signal input signs[TIER];
    signal input r8x[TIER];
    signal input r8y[TIER];
    signal input s[TIER];

    AssertBits(64)(height);
    AssertBits(64)(time);
    AssertBits(8)(stateLow);
    AssertBits(32)(round);

    signal blockHash <== Poseidon(6)([committeeBlockTag(), chainId, height * (1 << 72) + time * (1 << 8) + stateLow, parentHash, w2, nextSet]);
    signal blockLow <== blockHash - w1 * (1 << 8);
    AssertCanonicalSplit(8)(w1, blockLow);
    w3 === height * (1 << 80) + time * (1 << 16) + blockLow * (1 << 8) + stateLow;

    component set = CommitteeSet(TIER);
    set.chainId <== chainId;
    set.present <== present;
    set.identity <== identity;
    set.power <== power;
    set.keyX <== keyX;
    set.keyY <== keyY;
    trustedSet === set.commitment;
    signingSet === trustedSet;

    signal vote <== Poseidon(4)([committeeVoteTag(), chainId, height * (1 << 64) + round, blockHash]);
    signal {binary} isSigner[TIER];
    signal counted[TIER];
    var signedPower = 0;
    for (var i = 0; i < TIER; i++) {
        isSigner[i] <== Binary()(signs[i]);
        isSigner[i] * (1 - set.isPresent[i]) === 0;
        EdDSAPoseidonAssert()(isSigner[i], keyX[i], keyY[i], r8x[i], r8y[i], s[i], vote);
        counted[i] <== isSigner[i] * power[i];
        signedPower += counted[i];
    }
    AssertTwoThirds(71)(signedPower, set.totalPower);
}
