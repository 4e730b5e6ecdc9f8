pragma circom 2.2.0;

include "lib/hash/KeccakConstants.circom";
include "lib/hash/KeccakLength.circom";
include "lib/hash/KeccakPermutationBits.circom";

/// @title Keccak256Bits
/// @notice Keccak-256 (the padding of Ethereum, not of SHA-3) of a message of variable length, in bits.
/// @param MAX_BYTES the longest message
/// @input bytes[MAX_BYTES] [0, 256), zero from `length` on; both enforced here.
/// @input length [0, MAX_BYTES] enforced here.
/// @output digest[32] bytes, in the order in which a digest is written.
/// @soundness `KeccakLength` fixes where the message ends. A byte outside is forced to 0, so the padded byte
///   bytes[i] + 1 at i = length, + 128 at the end of the last block, is below 256 for the right message and is decomposed
///   into eight bits. Blocks after the last are computed and ignored: `last` is one-hot.
/// @cost 92,160 rows a block, + 1,088 from the second block on, + 11 a byte, + 32 a block to select the digest.
template Keccak256Bits(MAX_BYTES) {
    var RATE = keccakRateBytes();
    var BLOCKS = MAX_BYTES \ RATE + 1;
    signal input bytes[MAX_BYTES];
    signal input length;
    signal output digest[32];

    component extent = KeccakLength(MAX_BYTES);
    extent.length <== length;

    signal bits[BLOCKS * RATE][8];
    var before = 1;
    for (var i = 0; i < BLOCKS * RATE; i++) {
        var padded = 0;
        if (i < MAX_BYTES) {
            bytes[i] * (1 - extent.inside[i]) === 0;
            padded = bytes[i] + before - extent.inside[i];
            before = extent.inside[i];
        }
        if (i == MAX_BYTES) {
            padded = before;
        }
        if (i % RATE == RATE - 1) {
            padded += 128 * extent.last[i \ RATE];
        }
        if (i <= MAX_BYTES || i % RATE == RATE - 1) {
            var value = 0;
            for (var k = 0; k < 8; k++) {
                // SOUND: binary, and the eight bits add up to the byte.
                bits[i][k] <-- (padded >> k) & 1;
                bits[i][k] * (1 - bits[i][k]) === 0;
                value += (1 << k) * bits[i][k];
            }
            value === padded;
        } else {
            for (var k = 0; k < 8; k++) {
                bits[i][k] <== 0;
            }
        }
    }

    component permutation[BLOCKS];
    signal absorbed[BLOCKS][RATE * 8];
    signal selected[BLOCKS][32];
    for (var b = 0; b < BLOCKS; b++) {
        permutation[b] = KeccakPermutationBits();
        for (var lane = 0; lane < 25; lane++) {
            for (var z = 0; z < 64; z++) {
                var k = 64 * lane + z;
                if (k < RATE * 8) {
                    if (b == 0) {
                        absorbed[b][k] <== bits[k \ 8][k % 8];
                    } else {
                        var old = permutation[b - 1].out[lane][z];
                        var fresh = bits[RATE * b + k \ 8][k % 8];
                        absorbed[b][k] <== old + fresh - 2 * old * fresh;
                    }
                    permutation[b].state[lane][z] <== absorbed[b][k];
                } else {
                    if (b == 0) {
                        permutation[b].state[lane][z] <== 0;
                    } else {
                        permutation[b].state[lane][z] <== permutation[b - 1].out[lane][z];
                    }
                }
            }
        }
        for (var j = 0; j < 32; j++) {
            var value = 0;
            for (var k = 0; k < 8; k++) {
                value += (1 << k) * permutation[b].out[j \ 8][8 * (j % 8) + k];
            }
            selected[b][j] <== extent.last[b] * value;
        }
    }
    for (var j = 0; j < 32; j++) {
        var value = 0;
        for (var b = 0; b < BLOCKS; b++) {
            value += selected[b][j];
        }
        digest[j] <== value;
    }
}
