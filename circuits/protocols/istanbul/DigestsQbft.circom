pragma circom 2.2.0;

include "lib/hash/KeccakAbsorbLookups.circom";
include "lib/hash/KeccakConstants.circom";
include "lib/hash/KeccakDigestLookups.circom";
include "lib/hash/KeccakLookups.circom";
include "lib/hash/KeccakMessageLookups.circom";
include "lib/hash/KeccakPermutationLookups.circom";
include "lib/hash/KeccakTables.circom";
include "protocols/istanbul/IstanbulConstants.circom";

/// Blocks from the round's to the header's last, at most. Behind the round at least 271 bytes fit, wherever in its block it stands; 193 follow it in a
/// header with every field up to Prague.
function qbftTailBlocks(MAX_BYTES) {
    var own = MAX_BYTES \ keccakRateBytes() + 1 - istanbulRoundFirst(4) \ keccakRateBytes();
    return own < 3 ? own : 3;
}

/// Blocks in which the round can stand.
function qbftRoundBlocks(TIER, MAX_BYTES) {
    var RATE = keccakRateBytes();
    var last = (istanbulRoundFirst(4) + istanbulRoundCount(4, TIER) - 1) \ RATE;
    if (last > MAX_BYTES \ RATE) last = MAX_BYTES \ RATE;
    return last + 1 - istanbulRoundFirst(4) \ RATE;
}

/// Elements that hold the lookups of DigestsQbft.
function digestsQbftPacked(MAX_BYTES) {
    return keccakPacked(MAX_BYTES + 1) + keccakPacked(keccakPermutationLookups())
        + (MAX_BYTES \ keccakRateBytes() + qbftTailBlocks(MAX_BYTES)) * keccakAbsorbPacked() + 2 * keccakPacked(32) + keccakPacked(1);
}

/// @title DigestsQbft
/// @notice The two hashes of a QBFT header: what committed seals sign, keccak(header with its round and no seals), and the block hash as the chain shows it,
///     the same with round 0. The preimages differ in the byte of the round alone, 0x80 in the second, so every block before the round's is
///     shared: the second chain leaves the first there and absorbs the few blocks that are left.
/// @param TIER most validators
/// @param MAX_BYTES longest header
/// @input bytes[MAX_BYTES], length the header with its round; [0, 256), zero from `length` on, [0, MAX_BYTES], and at most qbftTailBlocks from the round's
///     block to the last: enforced here
/// @input roundAt[…], roundByte requires: HeaderWalk's: one-hot from byte istanbulRoundFirst(4) on, and the byte there, before `length`
/// @input chPole, chX, chX2 see KeccakLookups
/// @output blockHash[32], sealedHash[32] bytes
/// @output chSum, looked[…] see KeccakTable
/// @soundness `inBlock` sums the one-hot roundAt by blocks, so at most one of them is 1; where the round stands behind them all, none. The second chain's
///     first state and its blocks are those of the first chain at that place (products with `inBlock`; zero behind the last), but for one
///     lane: plus (image(0x80) - image(roundByte))·8^(8·k) where the round is the lane's byte k. The image of a byte is fixed by its lookup,
///     so lanes keep digits 0 and 1. Its digest is taken behind the block in which the message ends, by the `last` that the first chain
///     uses: exactly one of its states must be that one, or the chain would have ended too early and the digest be that of an empty sum
/// @cost a permutation for each block, one more for each of qbftTailBlocks, and about 100 rows for each block in which the round can stand
template DigestsQbft(TIER, MAX_BYTES) {
    var RATE = keccakRateBytes();
    var BLOCKS = MAX_BYTES \ RATE + 1;
    var FIRST = istanbulRoundFirst(4);
    var COUNT = istanbulRoundCount(4, TIER);
    var SHARED = FIRST \ RATE;
    var PLACES = qbftRoundBlocks(TIER, MAX_BYTES);
    var TAIL = qbftTailBlocks(MAX_BYTES);
    var PERMUTATION = keccakPacked(keccakPermutationLookups());
    var ABSORB = keccakAbsorbPacked();
    var MESSAGE = keccakPacked(MAX_BYTES + 1);
    assert(SHARED >= 2 && PLACES >= 1);
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

    // The chain of the header with its round.
    component first = KeccakPermutationLookups();
    for (var l = 0; l < 25; l++) first.lane[l] <== l < 17 ? message.block[0][l % 17] : 0;
    first.chPole <== chPole;
    first.chX <== chX;
    first.chX2 <== chX2;
    component next[BLOCKS - 1];
    signal sealedLane[BLOCKS][4];
    for (var l = 0; l < 4; l++) sealedLane[0][l] <== message.last[0] * first.out[l];
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
        for (var l = 0; l < 4; l++) sealedLane[b][l] <== sealedLane[b - 1][l] + message.last[b] * next[b - 1].out[l];
    }

    // The block of the round, and in each lane the weight of its byte.
    signal inBlock[PLACES];
    var weight[17];
    for (var p = 0; p < PLACES; p++) {
        var sum = 0;
        for (var k = 0; k < RATE; k++) {
            var i = RATE * (SHARED + p) + k - FIRST;
            if (i >= 0 && i < COUNT) {
                sum += roundAt[i];
                weight[k \ 8] += roundAt[i] * 8 ** (8 * (k % 8));
            }
        }
        inBlock[p] <== sum;
    }

    // The chain with round 0, from the state before the round's block on. Sums over the places run along their second index.
    component own[TAIL];
    signal entry[25][PLACES];
    signal changed[17];
    signal block[TAIL][17][PLACES];
    signal ends[TAIL][PLACES];
    signal hashedLane[TAIL][4];
    var endings = 0;
    for (var l = 0; l < 25; l++) {
        for (var p = 0; p < PLACES; p++) entry[l][p] <== (p == 0 ? 0 : entry[l][(p + PLACES - 1) % PLACES]) + inBlock[p] * next[SHARED + p - 2].out[l];
    }
    for (var l = 0; l < 17; l++) changed[l] <== weight[l] * (roundZero - roundImage);
    for (var t = 0; t < TAIL; t++) {
        own[t] = KeccakAbsorbLookups();
        for (var l = 0; l < 25; l++) own[t].state[l] <== t == 0 ? entry[l][PLACES - 1] : own[(t + TAIL - 1) % TAIL].out[l];
        for (var l = 0; l < 17; l++) {
            var sum = t == 0 ? changed[l] : 0;
            for (var p = 0; p < PLACES; p++) {
                block[t][l][p] <== sum + inBlock[p] * (SHARED + p + t < BLOCKS ? message.block[(SHARED + p + t) % BLOCKS][l] : 0);
                sum = block[t][l][p];
            }
            own[t].block[l] <== sum;
        }
        own[t].chPole <== chPole;
        own[t].chX <== chX;
        own[t].chX2 <== chX2;
        total += own[t].chSum;
        var end = 0;
        for (var p = 0; p < PLACES; p++) {
            ends[t][p] <== end + inBlock[p] * (SHARED + p + t < BLOCKS ? message.last[(SHARED + p + t) % BLOCKS] : 0);
            end = ends[t][p];
        }
        endings += end;
        for (var l = 0; l < 4; l++) hashedLane[t][l] <== (t == 0 ? 0 : hashedLane[(t + TAIL - 1) % TAIL][l]) + end * own[t].out[l];
    }
    endings === 1;

    // A digest is read off the first four lanes of a state.
    for (var l = 4; l < 25; l++) {
        _ <== next[BLOCKS - 2].out[l];
        _ <== own[TAIL - 1].out[l];
    }
    component digest[2];
    for (var d = 0; d < 2; d++) {
        digest[d] = KeccakDigestLookups();
        if (d == 0) {
            digest[d].lane <== sealedLane[BLOCKS - 1];
        } else {
            digest[d].lane <== hashedLane[TAIL - 1];
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
    for (var t = 0; t < TAIL; t++) {
        for (var i = 0; i < ABSORB; i++) looked[n + i] <== own[t].looked[i];
        n += ABSORB;
    }
    for (var d = 0; d < 2; d++) {
        for (var i = 0; i < keccakPacked(32); i++) looked[n + i] <== digest[d].looked[i];
        n += keccakPacked(32);
    }
}
