pragma circom 2.2.0;

include "lib/bits/Num2Bits.circom";
include "lib/hash/KeccakConstants.circom";
include "lib/hash/KeccakTables.circom";
include "lib/hash/KeccakMessageLookups.circom";
include "lib/hash/KeccakPermutationLookups.circom";
include "lib/hash/KeccakAbsorbLookups.circom";
include "lib/hash/KeccakDigestLookups.circom";

/// Elements that hold the lookups of `KeccakReplacedByteLookups`.
function keccakReplacedBytePacked(MAX_BYTES, TAIL) {
    return keccakPacked(MAX_BYTES + 1) + keccakPacked(keccakPermutationLookups())
        + (MAX_BYTES \ keccakRateBytes() + TAIL) * keccakAbsorbPacked() + 2 * keccakPacked(32);
}

/// @title KeccakReplacedByteLookups
/// @notice Keccak-256 of a message, and of the same message with one byte replaced. Both share every block before that byte.
/// @param MAX_BYTES the longest message
/// @param FIRST the first block, at least 1, in which the byte may stand
/// @param TAIL blocks from the byte's to the message's last, at most; [1, MAX_BYTES \ 136 + 1 − FIRST]
/// @param NEW the byte of the second message, [0, 256)
/// @input bytes[MAX_BYTES] [0, 256), zero from `length` on; both enforced here.
/// @input length [0, MAX_BYTES] enforced here.
/// @input position of the byte. [136·FIRST, 136·(MAX_BYTES \ 136 + 1)) and at most TAIL blocks from the last enforced here;
///   requires: position < length.
/// @input chPole, chX, chX2 the pole x^E (`LookupPole`, LOG_E ≥ 24), x and x²; requires: computed so from the challenge x.
/// @output digest[32], replacedDigest[32] bytes.
/// @output byte bytes[position]
/// @output chSum, looked[…] of the lookups. requires: the top template balances them with `KeccakTable`.
/// @soundness `block` and `offset` are one-hot and have one position between them. The second chain starts from the state before the
///   byte's block, takes TAIL blocks from there on (zero behind the last), the first with the byte's digits exchanged at its offset, and
///   its digest is taken where the message ends, by the same `last` as the first chain's. Exactly one of its states must be the one.
/// @cost as `Keccak256Lookups`, and for the second chain 29,102 rows a block of TAIL, 1 row a byte from block FIRST on, about 500 more
template KeccakReplacedByteLookups(MAX_BYTES, FIRST, TAIL, NEW) {
    var RATE = keccakRateBytes();
    var BLOCKS = MAX_BYTES \ RATE + 1;
    var PERMUTATION_PACKED = keccakPacked(keccakPermutationLookups());
    var ABSORB_PACKED = keccakAbsorbPacked();
    assert(FIRST >= 1 && TAIL >= 1 && FIRST + TAIL <= BLOCKS);
    signal input bytes[MAX_BYTES];
    signal input length;
    signal input position;
    signal input chPole;
    signal input chX;
    signal input chX2;
    signal output digest[32];
    signal output replacedDigest[32];
    signal output byte;
    signal output chSum;
    signal output looked[keccakReplacedBytePacked(MAX_BYTES, TAIL)];

    component message = KeccakMessageLookups(MAX_BYTES);
    message.bytes <== bytes;
    message.length <== length;
    message.chPole <== chPole;
    message.chX <== chX;
    message.chX2 <== chX2;
    _ <== message.inside;
    var total = message.chSum;
    var n = 0;
    for (var i = 0; i < keccakPacked(MAX_BYTES + 1); i++) {
        looked[n] <== message.looked[i];
        n++;
    }

    // Where the byte stands.
    signal block[BLOCKS - FIRST];
    signal offset[RATE];
    var ones = 0;
    var place = 0;
    for (var b = FIRST; b < BLOCKS; b++) {
        // SOUND: binary, one of them 1, and the position below.
        block[b - FIRST] <-- position \ RATE == b ? 1 : 0;
        block[b - FIRST] * (1 - block[b - FIRST]) === 0;
        ones += block[b - FIRST];
        place += RATE * b * block[b - FIRST];
    }
    ones === 1;
    ones = 0;
    for (var k = 0; k < RATE; k++) {
        // SOUND: binary, one of them 1, and the position below.
        offset[k] <-- position % RATE == k ? 1 : 0;
        offset[k] * (1 - offset[k]) === 0;
        ones += offset[k];
        place += k * offset[k];
    }
    ones === 1;
    place === position;

    signal candidate[BLOCKS - FIRST][RATE];
    signal chosen[BLOCKS - FIRST];
    var sum = 0;
    for (var b = FIRST; b < BLOCKS; b++) {
        var inBlock = 0;
        for (var k = 0; k < RATE; k++) {
            candidate[b - FIRST][k] <== offset[k] * (RATE * b + k < MAX_BYTES ? bytes[(RATE * b + k) % MAX_BYTES] : 0);
            inBlock += candidate[b - FIRST][k];
        }
        chosen[b - FIRST] <== block[b - FIRST] * inBlock;
        sum += chosen[b - FIRST];
    }
    byte <== sum;
    // What the byte's digits change by.
    component bits = Num2Bits(8);
    bits.in <== byte;
    var change = 0;
    for (var i = 0; i < 8; i++) {
        change += (((NEW >> i) & 1) - bits.out[i]) * (1 << (3 * i));
    }
    signal digits <== change;

    // The message's own chain.
    component first = KeccakPermutationLookups();
    component next[BLOCKS - 1];
    component tail[TAIL];
    for (var l = 0; l < 25; l++) {
        if (l < 17) {
            first.lane[l] <== message.block[0][l];
        } else {
            first.lane[l] <== 0;
        }
    }
    first.chPole <== chPole;
    first.chX <== chX;
    first.chX2 <== chX2;
    total += first.chSum;
    for (var i = 0; i < PERMUTATION_PACKED; i++) {
        looked[n] <== first.looked[i];
        n++;
    }
    signal selected[BLOCKS][4];
    signal entry[BLOCKS][25];
    for (var l = 0; l < 4; l++) {
        selected[0][l] <== message.last[0] * first.out[l];
    }
    entry[0] <== first.out;
    for (var b = 1; b < BLOCKS; b++) {
        next[b - 1] = KeccakAbsorbLookups();
        next[b - 1].state <== entry[b - 1];
        next[b - 1].block <== message.block[b];
        next[b - 1].chPole <== chPole;
        next[b - 1].chX <== chX;
        next[b - 1].chX2 <== chX2;
        total += next[b - 1].chSum;
        for (var i = 0; i < ABSORB_PACKED; i++) {
            looked[n] <== next[b - 1].looked[i];
            n++;
        }
        entry[b] <== next[b - 1].out;
        for (var l = 0; l < 4; l++) {
            selected[b][l] <== selected[b - 1][l] + message.last[b] * entry[b][l];
        }
    }

    // The chain with the byte replaced. entry[b − 1] is the state before block b.
    signal start[BLOCKS - FIRST][25];
    signal taken[TAIL][17][BLOCKS - FIRST];
    signal exchanged[17];
    signal ends[TAIL][BLOCKS - FIRST];
    signal ended[TAIL][4];
    var endings = 0;
    var lanes[4] = [0, 0, 0, 0];
    for (var j = 0; j < TAIL; j++) {
        tail[j] = KeccakAbsorbLookups();
        for (var l = 0; l < 25; l++) {
            if (j == 0) {
                var value = 0;
                for (var b = FIRST; b < BLOCKS; b++) {
                    start[b - FIRST][l] <== block[b - FIRST] * entry[b - 1][l];
                    value += start[b - FIRST][l];
                }
                tail[0].state[l] <== value;
            } else {
                tail[j].state[l] <== tail[j - 1].out[l];
            }
        }
        for (var l = 0; l < 17; l++) {
            var value = 0;
            for (var b = FIRST; b + j < BLOCKS; b++) {
                taken[j][l][b - FIRST] <== block[b - FIRST] * message.block[b + j][l];
                value += taken[j][l][b - FIRST];
            }
            if (j == 0) {
                var where = 0;
                for (var k = 0; k < 8; k++) {
                    where += offset[8 * l + k] * (1 << (24 * k));
                }
                exchanged[l] <== where * digits;
                value += exchanged[l];
            }
            tail[j].block[l] <== value;
        }
        tail[j].chPole <== chPole;
        tail[j].chX <== chX;
        tail[j].chX2 <== chX2;
        total += tail[j].chSum;
        for (var i = 0; i < ABSORB_PACKED; i++) {
            looked[n] <== tail[j].looked[i];
            n++;
        }
        var end = 0;
        for (var b = FIRST; b + j < BLOCKS; b++) {
            ends[j][b - FIRST] <== block[b - FIRST] * message.last[b + j];
            end += ends[j][b - FIRST];
        }
        endings += end;
        for (var l = 0; l < 4; l++) {
            ended[j][l] <== end * tail[j].out[l];
            lanes[l] += ended[j][l];
        }
    }
    endings === 1;

    component digested[2];
    for (var d = 0; d < 2; d++) {
        digested[d] = KeccakDigestLookups();
        for (var l = 0; l < 4; l++) {
            digested[d].lane[l] <== d == 0 ? selected[BLOCKS - 1][l] : lanes[l];
        }
        digested[d].chPole <== chPole;
        digested[d].chX <== chX;
        digested[d].chX2 <== chX2;
        total += digested[d].chSum;
        for (var i = 0; i < keccakPacked(32); i++) {
            looked[n] <== digested[d].looked[i];
            n++;
        }
    }
    digest <== digested[0].digest;
    replacedDigest <== digested[1].digest;
    chSum <== total;
}
