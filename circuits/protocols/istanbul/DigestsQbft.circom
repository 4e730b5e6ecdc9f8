pragma circom 2.2.0;

include "lib/hash/KeccakAbsorbLookups.circom";
include "lib/hash/KeccakConstants.circom";
include "lib/hash/KeccakDigestLookups.circom";
include "lib/hash/KeccakLookups.circom";
include "lib/hash/KeccakMessageLookups.circom";
include "lib/hash/KeccakPermutationLookups.circom";
include "lib/hash/KeccakTables.circom";
include "protocols/istanbul/IstanbulConstants.circom";

/// Keccak blocks that the two hashes do not share.
function qbftOwnBlocks(MAX_BYTES) {
    return MAX_BYTES \ keccakRateBytes() + 1 - istanbulRoundFirst(4) \ keccakRateBytes();
}

/// Elements that hold the lookups of DigestsQbft.
function digestsQbftPacked(MAX_BYTES) {
    return keccakPacked(MAX_BYTES + 1) + keccakPacked(keccakPermutationLookups())
        + (MAX_BYTES \ keccakRateBytes() + qbftOwnBlocks(MAX_BYTES)) * keccakAbsorbPacked() + 2 * keccakPacked(32) + keccakPacked(1);
}

/// @title DigestsQbft
/// @notice The two hashes of a QBFT header: what committed seals sign, keccak(header with its round and no seals), and the block hash as the chain shows it,
///     the same with round 0. The preimages differ in the byte of the round alone, 0x80 in the second, so every block before the first
///     in which a round can stand is shared.
/// @param TIER most validators
/// @param MAX_BYTES longest header
/// @input bytes[MAX_BYTES], length the header with its round; [0, 256), zero from `length` on, [0, MAX_BYTES]: enforced here
/// @input roundAt[…], roundByte requires: IstanbulHeader's: one-hot from byte istanbulRoundFirst(4) on, and the byte there
/// @input chPole, chX, chX2 see KeccakLookups
/// @output blockHash[32], sealedHash[32] bytes
/// @output chSum, looked[…] see KeccakTable
/// @soundness A lane of the second preimage is that of the first plus (image(0x80) - image(roundByte))·8^(8·k) where the round is the lane's byte k: one
///     row a lane. The image of a byte is fixed by its lookup
/// @cost a permutation for each block, and one more for each that is not shared
template DigestsQbft(TIER, MAX_BYTES) {
    var RATE = keccakRateBytes();
    var BLOCKS = MAX_BYTES \ RATE + 1;
    var FIRST = istanbulRoundFirst(4);
    var COUNT = istanbulRoundCount(4, TIER);
    var OWN = qbftOwnBlocks(MAX_BYTES);
    var SHARED = BLOCKS - OWN;
    var PERMUTATION = keccakPacked(keccakPermutationLookups());
    var ABSORB = keccakAbsorbPacked();
    var MESSAGE = keccakPacked(MAX_BYTES + 1);
    assert(SHARED >= 2);
    signal input bytes[MAX_BYTES];
    signal input length;
    signal input roundAt[COUNT];
    signal input roundByte;
    signal input chPole;
    signal input chX;
    signal input chX2;
    signal output blockHash[32];
    signal output sealedHash[32];
    signal output chSum;
    signal output looked[digestsQbftPacked(MAX_BYTES)];

    component message = KeccakMessageLookups(MAX_BYTES);
    message.bytes <== bytes;
    message.length <== length;
    message.chPole <== chPole;
    message.chX <== chX;
    message.chX2 <== chX2;
    _ <== message.inside;

    // SOUND: the lookup binds it to the byte.
    signal roundImage <-- keccakImage(keccakByteTag(), roundByte);
    component round = KeccakLookups(1, keccakByteTag());
    round.key[0] <== roundByte;
    round.image[0] <== roundImage;
    round.chPole <== chPole;
    round.chX <== chX;
    round.chX2 <== chX2;
    var roundZero = 8 ** 7;

    component first = KeccakPermutationLookups();
    for (var l = 0; l < 25; l++) first.lane[l] <== l < 17 ? message.block[0][l % 17] : 0;
    first.chPole <== chPole;
    first.chX <== chX;
    first.chX2 <== chX2;
    component next[BLOCKS - 1];
    component own[OWN];
    signal changed[OWN][17];
    var total = message.chSum + round.chSum + first.chSum;
    for (var b = 1; b < BLOCKS; b++) {
        next[b - 1] = KeccakAbsorbLookups();
        if (b == 1) {
            next[b - 1].state <== first.out;
        } else {
            next[b - 1].state <== next[b - 2].out;
        }
        next[b - 1].block <== message.block[b];
        next[b - 1].chPole <== chPole;
        next[b - 1].chX <== chX;
        next[b - 1].chX2 <== chX2;
        total += next[b - 1].chSum;
    }
    for (var b = SHARED; b < BLOCKS; b++) {
        own[b - SHARED] = KeccakAbsorbLookups();
        if (b == SHARED) {
            own[b - SHARED].state <== next[SHARED - 2].out;
        } else {
            own[b - SHARED].state <== own[b - SHARED - 1].out;
        }
        for (var l = 0; l < 17; l++) {
            var weight = 0;
            for (var k = 0; k < 8; k++) {
                var i = RATE * b + 8 * l + k - FIRST;
                if (i >= 0 && i < COUNT) weight += roundAt[i] * 8 ** (8 * k);
            }
            changed[b - SHARED][l] <== message.block[b][l] + weight * (roundZero - roundImage);
            own[b - SHARED].block[l] <== changed[b - SHARED][l];
        }
        own[b - SHARED].chPole <== chPole;
        own[b - SHARED].chX <== chX;
        own[b - SHARED].chX2 <== chX2;
        total += own[b - SHARED].chSum;
    }

    // The state behind the block in which the message ends; a round stands before its end, so that block is never a shared one.
    signal sealedLane[BLOCKS][4];
    signal hashedLane[OWN][4];
    for (var l = 0; l < 4; l++) {
        sealedLane[0][l] <== message.last[0] * first.out[l];
        for (var b = 1; b < BLOCKS; b++) sealedLane[b][l] <== sealedLane[b - 1][l] + message.last[b] * next[b - 1].out[l];
        hashedLane[0][l] <== message.last[SHARED] * own[0].out[l];
        for (var b = 1; b < OWN; b++) hashedLane[b][l] <== hashedLane[b - 1][l] + message.last[SHARED + b] * own[b].out[l];
    }
    component digest[2];
    for (var d = 0; d < 2; d++) {
        digest[d] = KeccakDigestLookups();
        if (d == 0) {
            digest[d].lane <== sealedLane[BLOCKS - 1];
        } else {
            digest[d].lane <== hashedLane[OWN - 1];
        }
        digest[d].chPole <== chPole;
        digest[d].chX <== chX;
        digest[d].chX2 <== chX2;
        total += digest[d].chSum;
    }
    sealedHash <== digest[0].digest;
    blockHash <== digest[1].digest;
    chSum <== total;

    var n = 0;
    for (var i = 0; i < MESSAGE; i++) looked[n + i] <== message.looked[i];
    n += MESSAGE;
    looked[n] <== round.looked[0];
    n += 1;
    for (var i = 0; i < PERMUTATION; i++) looked[n + i] <== first.looked[i];
    n += PERMUTATION;
    for (var b = 1; b < BLOCKS; b++) {
        for (var i = 0; i < ABSORB; i++) looked[n + i] <== next[b - 1].looked[i];
        n += ABSORB;
    }
    for (var b = 0; b < OWN; b++) {
        for (var i = 0; i < ABSORB; i++) looked[n + i] <== own[b].looked[i];
        n += ABSORB;
    }
    for (var d = 0; d < 2; d++) {
        for (var i = 0; i < keccakPacked(32); i++) looked[n + i] <== digest[d].looked[i];
        n += keccakPacked(32);
    }
}
