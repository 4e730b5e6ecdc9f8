pragma circom 2.2.0;

include "lib/bits/AssertBits.circom";
include "lib/bits/Binary.circom";
include "lib/hash/Poseidon.circom";
include "protocols/committee/CommitteeTags.circom";

/// @title CommitteeSet
/// @notice Commitment and total power of a validator set of 1 to TIER members; the same for every tier:
///     c_0 = P6(TAG_SET, 1, chainId, 1, N, totalPower),   c_{i+1} = P4(c_i, identity·2^64 + power, x, y)
/// @param TIER most members, at most 128
/// @input chainId field element, bound by the commitment
/// @input present[TIER] {0, 1}, ones first, the first one 1: enforced here
/// @input identity[TIER] [0, 2^168), strictly increasing over the present members, enforced here; an absent slot repeats the last
///   identity or goes on from it. That a committed identity is below 2^160 is for those who accept the commitment
/// @input power[TIER] [0, 2^64) and 0 where absent, enforced here
/// @input keyX[TIER], keyY[TIER] field elements, bound by the commitment where present, free where absent
/// @output {binary} isPresent[TIER]: present
/// @output commitment
/// @output totalPower [1, 2^71) if the committed set has a power; sum over the present members
/// @soundness identities are sums of at most 128 gaps below 2^160, plus 1 a member: below 2^168. With powers below 2^64 the packed word is
///   below 2^232, so it has one reading. Poseidon's collision resistance binds N through c_0, hence the number of links.
/// @cost TIER·525 + 347 non-linear constraints: 297 of a member are its link of the commitment, 224 the ranges
template CommitteeSet(TIER) {
    assert(TIER >= 1 && TIER <= 128);
    signal input chainId;
    signal input present[TIER];
    signal input identity[TIER];
    signal input power[TIER];
    signal input keyX[TIER];
    signal input keyY[TIER];
    signal output {binary} isPresent[TIER];
    signal output commitment;
    signal output totalPower;

    present[0] === 1;
    var size = 0;
    var total = 0;
    for (var i = 0; i < TIER; i++) {
        isPresent[i] <== Binary()(present[i]);
        if (i > 0) {
            isPresent[i] * (1 - isPresent[i - 1]) === 0;
        }
        AssertBits(160)(i == 0 ? identity[0] : identity[i] - identity[i - 1] - isPresent[i]);
        AssertBits(64)(power[i]);
        (1 - isPresent[i]) * power[i] === 0;
        size += isPresent[i];
        total += power[i];
    }
    totalPower <== total;

    component links[TIER];
    signal link[TIER + 1];
    link[0] <== Poseidon(6)([committeeSetTag(), 1, chainId, 1, size, total]);
    for (var i = 0; i < TIER; i++) {
        links[i] = Poseidon(4);
        links[i].in <== [link[i], identity[i] * (1 << 64) + power[i], keyX[i], keyY[i]];
        link[i + 1] <== link[i] + isPresent[i] * (links[i].out - link[i]);
    }
    commitment <== link[TIER];
}
