pragma circom 2.2.0;

include "lib/hash/Poseidon.circom";
include "lib/lookup/RangeCheck.circom";

/// @title EcdsaWeight
/// @notice A 128-bit weight from a hash: the low 32 nibbles of Poseidon(seed, INDEX) are the digits of z = Σ (2·digit_w - 15)·16^w, which is odd,
///         below 2^128 in size and takes 2^128 values.
/// @param C chunk bits, 0 for bits
/// @param INDEX number of the slot
/// @input seed the transcript's hash
/// @input chPole z of LookupPole, 0 for bits
/// @output digit[32] nibbles of the hash; requires: each in [0, 16), enforced by Secp256k1WindowTable
/// @output weight[2] signed limbs of z, each below 2^64 in size
/// @output chSum, looked[…] the chunks of the upper part
/// @soundness canonical: hash = low + upper·2^128 with low < 2^128 and 0 <= upper < ⌊r/2^128⌋, so nothing wraps and each hash has one weight only
///            (several aliases each would give a prover 5^SLOTS choices). A hash with upper = ⌊r/2^128⌋, one in 2^125, has no witness
/// @cost 240 rows of Poseidon, 20 of ranges at C = 13, 6 linear
template EcdsaWeight(C, INDEX) {
    // ⌊(r - 1)/2^128⌋ = ⌊r/2^128⌋ < 2^126.
    var LIMIT = (-1) >> 128;
    var CHUNKS = chunkCount(C, 126);
    var LOOKED = lookedCount(C, 2 * CHUNKS);
    signal input seed;
    signal input chPole;
    signal output digit[32];
    signal output weight[2];
    signal output chSum;
    signal output looked[LOOKED];

    signal hash <== Poseidon(2)([seed, INDEX]);
    var low = 0;
    var limb[2] = [0, 0];
    for (var w = 0; w < 32; w++) {
        // SOUND: the window table makes it a nibble, the ranges below make the decomposition of the hash unique.
        digit[w] <-- (hash >> (4 * w)) & 15;
        low += digit[w] * (1 << (4 * w));
        limb[w \ 16] += (2 * digit[w] - 15) * (1 << (4 * (w % 16)));
    }
    weight <== limb;
    var upper = (hash - low) / (1 << 128);
    component range = RangeCheck(C, 2, CHUNKS);
    range.value[0] <== upper;
    range.value[1] <== LIMIT - 1 - upper;
    range.chPole <== chPole;

    var sum = 0;
    for (var i = 0; i < LOOKED; i++) {
        sum += range.chInverse[i];
        looked[i] <-- range.looked[i];
    }
    chSum <== C == 0 ? 0 : sum;
}

/// Length of `looked` of EcdsaWeight.
function lookedEcdsaWeight(C) {
    return lookedCount(C, 2 * chunkCount(C, 126));
}
