pragma circom 2.2.0;

include "lib/curve/Secp256k1Constants.circom";
include "lib/curve/Secp256k1GlvDigits.circom";
include "lib/lookup/RangeCheck.circom";
include "lib/nonnative/AssertZeroModN.circom";
include "lib/nonnative/BigIntHints.circom";

/// @title EcdsaGeneratorScalar
/// @notice GLV digits of the scalar of G: (Σ_i t_i)·h modulo n, for signatures of one message hash h.
/// @param C chunk bits, 0 for bits
/// @param SLOTS number of signatures
/// @input messageHash[4] limbs of h as a big-endian integer, [0, 2^limbBits(C)) enforced here; h >= n is reduced by the congruence
/// @input quotient[SLOTS][4] limbs of t_i, allowed [0, 2^limbBits(C)); requires: range-checked by the owner
/// @input chPole z of LookupPole, 0 for bits
/// @output digit[2][33] digits of g1 and g2, g1 + λ·g2 ≡ (Σ t_i)·h modulo n; requires: each in [0, 16), enforced by Secp256k1WindowTable
/// @output chSum, looked[…] as in RangeCheck, summed
/// @soundness AssertZeroModN with WEIGHT = SLOTS (limbs of Σ t_i are below SLOTS·2^limbBits(C)); any such digits give the same point
/// @cost C = 13: 69 rows and 7 linear
template EcdsaGeneratorScalar(C, SLOTS) {
    var LIMB_CHUNKS = chunkCount(C, 64);
    var RANGES = lookedCount(C, 4 * LIMB_CHUNKS);
    var MODN = lookedCount(C, chunksModN(C, SLOTS, 2));
    signal input messageHash[4];
    signal input quotient[SLOTS][4];
    signal input chPole;
    signal output digit[2][33];
    signal output chSum;
    signal output looked[RANGES + MODN];

    component range = RangeCheck(C, 4, LIMB_CHUNKS);
    range.value <== messageHash;
    range.chPole <== chPole;

    var total[4] = [0, 0, 0, 0];
    for (var i = 0; i < SLOTS; i++) {
        for (var j = 0; j < 4; j++) {
            total[j] += quotient[i][j];
        }
    }
    var digits[66] = hintGlvDigits(hintMultiply(total, messageHash, secp256k1OrderComplement()));
    var lambda[4] = secp256k1Lambda();
    component zero = AssertZeroModN(C, 1, SLOTS, 2, [[-1, 0, 0, 0], [-lambda[0], -lambda[1], -lambda[2], -lambda[3]]], 2);
    for (var h = 0; h < 2; h++) {
        for (var w = 0; w < 33; w++) {
            // SOUND: g1 + λ·g2 ≡ (Σ t_i)·h by `zero`, nibbles by the window table.
            digit[h][w] <-- digits[33 * h + w];
        }
        var limb[4] = glvLimbs(digit[h]);
        for (var j = 0; j < 4; j++) {
            zero.linear[h][j] <== limb[j];
        }
    }
    for (var i = 0; i < 8; i++) {
        var atTotal = 0;
        var atHash = 0;
        for (var j = 0; j < 4; j++) {
            atTotal += total[j] * orderPoint(i, j);
            atHash += messageHash[j] * orderPoint(i, j);
        }
        zero.product[0][i] <== atTotal * atHash;
    }
    zero.chPole <== chPole;

    var sum = 0;
    for (var k = 0; k < RANGES; k++) {
        sum += range.chInverse[k];
        looked[k] <-- range.looked[k];
    }
    for (var k = 0; k < MODN; k++) {
        sum += zero.chInverse[k];
        looked[RANGES + k] <-- zero.looked[k];
    }
    chSum <== C == 0 ? 0 : sum;
}

/// Length of `looked` of EcdsaGeneratorScalar.
function lookedEcdsaGeneratorScalar(C, SLOTS) {
    return lookedCount(C, 4 * chunkCount(C, 64)) + lookedCount(C, chunksModN(C, SLOTS, 2));
}
