pragma circom 2.2.0;

include "lib/hash/Poseidon.circom";
include "lib/lookup/ChunkWidth.circom";

/// @title EcdsaTranscript
/// @notice One field element that binds everything the batch equation depends on and the prover may choose: the message hash, and for each
///         slot r, s, the y of R, and both coordinates of the key, as the very limbs used; and a nonce.
/// @param C chunk bits, see limbBits(C)
/// @param SLOTS number of signatures
/// @input messageHash[4], value[SLOTS][5][4] limbs, allowed [0, 2^limbBits(C)); requires: range-checked by the owner
/// @input nonce any field element: another one gives other weights, for a prover whose additions collided
/// @output seed Poseidon chain c_{i+1} = P6(c_i, five elements), c_0 = TAG, over the limbs packed three to an element and the nonce
/// @soundness limbs are packed with stride 2^65 >= their allowed width, three take 195 bits: injective for ranged limbs. The length is fixed
/// @cost 354 rows and 6 linear for five elements of three limbs: about 480 a slot
template EcdsaTranscript(C, SLOTS) {
    assert(limbBits(C) <= 65);
    signal input messageHash[4];
    signal input value[SLOTS][5][4];
    signal input nonce;
    signal output seed;

    var STRIDE = 1 << 65;
    var LIMBS = 4 + 20 * SLOTS;
    var ELEMENTS = (LIMBS + 2) \ 3 + 1;
    var BLOCKS = (ELEMENTS + 4) \ 5;
    var limbs[3 * ((LIMBS + 2) \ 3)];
    for (var i = 0; i < 3 * ((LIMBS + 2) \ 3); i++) {
        if (i < 4) {
            limbs[i] = messageHash[i];
        } else if (i < LIMBS) {
            limbs[i] = value[(i - 4) \ 20][((i - 4) % 20) \ 4][(i - 4) % 4];
        } else {
            limbs[i] = 0;
        }
    }
    component hash[BLOCKS];
    signal state[BLOCKS + 1];
    state[0] <== ecdsaTranscriptTag();
    for (var b = 0; b < BLOCKS; b++) {
        hash[b] = Poseidon(6);
        hash[b].in[0] <== state[b];
        for (var k = 0; k < 5; k++) {
            var e = 5 * b + k;
            if (e < ELEMENTS - 1) {
                hash[b].in[1 + k] <== limbs[3 * e] + STRIDE * limbs[3 * e + 1] + STRIDE * STRIDE * limbs[3 * e + 2];
            } else if (e == ELEMENTS - 1) {
                hash[b].in[1 + k] <== nonce;
            } else {
                hash[b].in[1 + k] <== 0;
            }
        }
        state[b + 1] <== hash[b].out;
    }
    seed <== state[BLOCKS];
}

/// The label zkfinality/ecdsa-batch/v1 in ASCII, as a big-endian integer below 2^248.
function ecdsaTranscriptTag() {
    var label[25] = [122, 107, 102, 105, 110, 97, 108, 105, 116, 121, 47, 101, 99, 100, 115, 97, 45, 98, 97, 116, 99, 104, 47, 118, 49];
    var tag = 0;
    for (var i = 0; i < 25; i++) {
        tag = 256 * tag + label[i];
    }
    return tag;
}
