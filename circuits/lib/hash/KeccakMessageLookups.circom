pragma circom 2.2.0;

include "lib/hash/KeccakConstants.circom";
include "lib/hash/KeccakTables.circom";
include "lib/hash/KeccakLength.circom";
include "lib/hash/KeccakLookups.circom";

/// @title KeccakMessageLookups
/// @notice Pads a message of variable length (pad10*1) and turns it into lanes for `KeccakAbsorbLookups`.
/// @param MAX_BYTES the longest message
/// @input bytes[MAX_BYTES] [0, 256), zero from `length` on; both enforced here.
/// @input length [0, MAX_BYTES] enforced here.
/// @input chPole, chX, chX2 the pole x^E (`LookupPole`, LOG_E ≥ 24), x and x²; requires: computed so from the challenge x.
/// @output block[MAX_BYTES \ 136 + 1][17] lanes, Σ bit·8^z.
/// @output last[MAX_BYTES \ 136 + 1] {binary} one-hot: the block in which the message ends.
/// @output inside[MAX_BYTES] {binary} 1 for i < length.
/// @output chSum, looked[…] of the lookups.
/// @soundness A byte outside is forced to 0, so the padded byte bytes[i] + 1 at i = length, + 128 at the end of the last
///   block, is what the padding asks for; its lookup shows that it is a byte. Positions behind MAX_BYTES are 0 but for
///   128·last at the end of a block, whose digits are written directly.
/// @cost 5 rows a byte, 18 a block.
template KeccakMessageLookups(MAX_BYTES) {
    var RATE = keccakRateBytes();
    var BLOCKS = MAX_BYTES \ RATE + 1;
    signal input bytes[MAX_BYTES];
    signal input length;
    signal input chPole;
    signal input chX;
    signal input chX2;
    signal output block[BLOCKS][17];
    signal output {binary} last[BLOCKS];
    signal output {binary} inside[MAX_BYTES];
    signal output chSum;
    signal output looked[keccakPacked(MAX_BYTES + 1)];

    component extent = KeccakLength(MAX_BYTES);
    extent.length <== length;
    last <== extent.last;
    inside <== extent.inside;

    // SOUND: KeccakLookups binds each to its padded byte.
    signal spread[MAX_BYTES + 1];
    component lookups = KeccakLookups(MAX_BYTES + 1, keccakByteTag());
    var before = 1;
    for (var i = 0; i <= MAX_BYTES; i++) {
        var padded = before;
        if (i < MAX_BYTES) {
            bytes[i] * (1 - inside[i]) === 0;
            padded += bytes[i] - inside[i];
            before = inside[i];
        }
        if (i % RATE == RATE - 1) {
            padded += 128 * last[i \ RATE];
        }
        spread[i] <-- keccakImage(keccakByteTag(), padded);
        lookups.key[i] <== padded;
        lookups.image[i] <== spread[i];
    }
    lookups.chPole <== chPole;
    lookups.chX <== chX;
    lookups.chX2 <== chX2;
    chSum <== lookups.chSum;
    looked <== lookups.looked;

    for (var b = 0; b < BLOCKS; b++) {
        for (var l = 0; l < 17; l++) {
            var value = 0;
            for (var k = 0; k < 8; k++) {
                var i = RATE * b + 8 * l + k;
                if (i <= MAX_BYTES) {
                    value += spread[i] * (1 << (24 * k));
                }
                if (i > MAX_BYTES && i % RATE == RATE - 1) {
                    value += last[b] * (1 << 189);
                }
            }
            block[b][l] <== value;
        }
    }
}
