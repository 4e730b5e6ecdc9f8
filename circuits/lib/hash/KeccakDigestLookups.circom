pragma circom 2.2.0;

include "lib/hash/KeccakTables.circom";
include "lib/hash/KeccakLookups.circom";

/// @title KeccakDigestLookups
/// @notice The digest as bytes, from the first four lanes of the last state.
/// @input lane[4] requires: lanes Σ bit·8^z.
/// @input chPole, chX, chX2 the pole x^E (`LookupPole`, LOG_E ≥ 24), x and x²; requires: computed so from the challenge x.
/// @output digest[32] [0, 256), in the order in which a digest is written.
/// @output chSum, looked[32] of the lookups.
/// @soundness Images of bytes are eight binary digits, so the eight that add up to a lane are its digits, and a byte has
///   one image and each image one byte.
/// @cost 68 rows.
template KeccakDigestLookups() {
    signal input lane[4];
    signal input chPole;
    signal input chX;
    signal input chX2;
    signal output digest[32];
    signal output chSum;
    signal output looked[keccakPacked(32)];

    component lookups = KeccakLookups(32, keccakByteTag());
    // SOUND: the lookups, and the row that adds the images up.
    signal spread[32];
    for (var l = 0; l < 4; l++) {
        var value = 0;
        for (var k = 0; k < 8; k++) {
            var i = 8 * l + k;
            spread[i] <-- (lane[l] >> (24 * k)) & ((1 << 24) - 1);
            var byte = 0;
            for (var bit = 0; bit < 8; bit++) {
                byte += ((spread[i] >> (3 * bit)) & 1) << bit;
            }
            // SOUND: the lookup.
            digest[i] <-- byte;
            lookups.key[i] <== digest[i];
            lookups.image[i] <== spread[i];
            value += spread[i] * (1 << (24 * k));
        }
        value === lane[l];
    }
    lookups.chPole <== chPole;
    lookups.chX <== chX;
    lookups.chX2 <== chX2;
    chSum <== lookups.chSum;
    looked <== lookups.looked;
}
