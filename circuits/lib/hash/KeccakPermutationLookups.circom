pragma circom 2.2.0;

include "lib/hash/KeccakConstants.circom";
include "lib/hash/KeccakTables.circom";

/// @title KeccakPermutationLookups
/// @notice Keccak-f[1600] (FIPS 202) with lookups in `KeccakTable`. Two-round Groth16.
/// @input lane[25] requires: Σ bit·8^z of the lane's bits. Lane (x, y) has index x + 5·y.
/// @input chPole, chX, chX2 the pole x^E (`LookupPole`, LOG_E ≥ 24), x and x²; requires: computed so from the challenge x.
/// @output out[25] lanes in the same form.
/// @output chSum of 1/(z − tuple) over all lookups (second round).
/// @output looked[…] table and key of each lookup, for counting only.
/// @soundness A lane is one field element, its bits digits of base 8. By induction every lane on entry of a round has
///   digits 0 and 1. Sums of lanes then have small digits, and each step cuts a sum V into chunks whose digits and images
///   a lookup fixes:
///     columns  V = Σ of five lanes, digits 0..5        image: parity
///     θ        V = lane + C[x−1] + rot(C[x+1], 1), digits 0..3   image: parity
///     χ        V = 2a − b + c + 1, digits 0..4         image: bit 1 of a digit (0,1,4 ↦ 0; 2,3 ↦ 1)
///     ι        V = chunk of lane 0 + constant, digits 0..2       image: parity
///   Cuts are unique. Let chunk j stand at digit p_j and all but the lowest and the highest chunk have the table's full
///   width. The lowest, of s < width digits, is looked up times 8^e, e = width − s; the highest as it is. Then
///     8^e·V = (8^e·v_0) + 8^e·Σ_{j>0} v_j·8^{p_j}
///   holds in the field, both sides are integers below 8^(64 + 2·7) < r, and the digits on the right do not overlap: they are
///   the digits of 8^e·V, so v_0 has its s digits and no more, and digits of the highest chunk beyond V's are zero (and map
///   to zero). The lowest chunk is no wire but V minus the others.
///   The tuple lookups themselves: (key, image, tag) folded with 1, x, x², pole at x^E; the tag is a constant.
/// @cost 595 lookups a round + 1 for each chunk with a bit of ι (77 in all), two rows each: 28,714. No linear rows but one an output lane.
template KeccakPermutationLookups() {
    var LOOKUPS = keccakPermutationLookups();
    var COLUMN = keccakColumnTag();
    var PARITY = keccakParityTag();
    var CHI = keccakChiTag();
    // A one in each digit of a lane.
    var ONES = ((1 << 192) - 1) / 7;
    var COLUMN_CHUNKS = keccakColumnChunks();
    var CHI_CHUNKS = keccakChunks(CHI, 64);
    var MAX_ROUND = keccakRoundLookups() + CHI_CHUNKS;
    var constants[24] = keccakRoundConstants();
    var rotations[25];
    for (var l = 0; l < 25; l++) rotations[l] = keccakRotation(l);

    signal input lane[25];
    signal input chPole;
    signal input chX;
    signal input chX2;
    signal output out[25];
    signal output chSum;
    signal output looked[keccakPacked(LOOKUPS)];

    // The lowest chunk of each cut and the chunks that ι changes are expressions, no wires.
    signal key[LOOKUPS - keccakPermutationExpressions()];
    signal image[LOOKUPS];
    signal chFold[LOOKUPS];
    signal chRunning[LOOKUPS];

    var state[25];
    for (var l = 0; l < 25; l++) {
        state[l] = lane[l];
    }
    // Ordinals of the next key that is a wire, and of the round's first lookup.
    var k = 0;
    var first = 0;
    var packed = 0;
    for (var r = 0; r < 24; r++) {
        var n = first;
        // Key, image and tag of each lookup of this round, as they are looked up.
        var lookedKey[MAX_ROUND];
        var lookedImage[MAX_ROUND];
        var tag[MAX_ROUND];

        // Columns: digits 0..62 (a short chunk lowest), digit 63.
        var parity[5];
        var turned[5];
        for (var x = 0; x < 5; x++) {
            var value = state[x] + state[x + 5] + state[x + 10] + state[x + 15] + state[x + 20];
            var start = n;
            var rest = value;
            var low = 0;
            var position = 63;
            for (var j = COLUMN_CHUNKS - 1; j >= 0; j--) {
                // Chunk 13 is digit 63, chunks 12..1 have five digits, chunk 0 has three.
                var size = 5;
                if (j == COLUMN_CHUNKS - 1) { size = 1; }
                if (j == 0) { size = 3; }
                if (j != COLUMN_CHUNKS - 1) { position -= size; }
                var scale = 1;
                var part = rest;
                if (j > 0) {
                    // SOUND: the lookup and the lowest chunk, see above.
                    key[k] <-- (value >> (3 * position)) & ((1 << (3 * size)) - 1);
                    rest -= key[k] * (1 << (3 * position));
                    part = key[k];
                    k++;
                } else {
                    scale = 1 << 6;
                }
                // SOUND: the lookup.
                image[n] <-- part & ONES;
                lookedKey[n - first] = scale * part;
                lookedImage[n - first] = scale * image[n];
                tag[n - first] = COLUMN;
                if (j < COLUMN_CHUNKS - 1) {
                    low += image[n] * (1 << (3 * position));
                }
                n++;
            }
            // The lane, and the lane turned by one.
            parity[x] = low + image[start] * (1 << 189);
            turned[x] = 8 * low + image[start];
        }

        // θ, ρ, π: digits 0..63−ρ (a short chunk lowest), then ρ digits (a short chunk highest).
        var moved[25];
        for (var l = 0; l < 25; l++) {
            var rotation = rotations[l];
            var value = state[l] + parity[(l + 4) % 5] + turned[(l + 1) % 5];
            var rest = value;
            var result = 0;
            var end = 64;
            while (end > 0) {
                var floor = 0;
                if (end > 64 - rotation) { floor = 64 - rotation; }
                // The highest chunk of the upper segment is the short one, in the lower segment the lowest.
                var size = 7;
                if (floor > 0 && (end - floor) % 7 != 0) { size = (end - floor) % 7; }
                if (floor == 0 && end < 7) { size = end; }
                var begin = end - size;
                var scale = 1;
                var part = rest;
                if (begin > 0) {
                    // SOUND: the lookup and the lowest chunk, see above.
                    key[k] <-- (value >> (3 * begin)) & ((1 << (3 * size)) - 1);
                    rest -= key[k] * (1 << (3 * begin));
                    part = key[k];
                    k++;
                } else {
                    scale = 1 << (3 * (7 - size));
                }
                // SOUND: the lookup.
                image[n] <-- part & ONES;
                lookedKey[n - first] = scale * part;
                lookedImage[n - first] = scale * image[n];
                tag[n - first] = PARITY;
                result += image[n] * (1 << (3 * ((begin + rotation) % 64)));
                end = begin;
                n++;
            }
            moved[l] = result;
        }

        // χ, with the short chunk highest; ι on lane 0.
        for (var l = 0; l < 25; l++) {
            var row = 5 * (l \ 5);
            var value = 2 * moved[keccakSourceLane(l)] - moved[keccakSourceLane((l + 1) % 5 + row)]
                + moved[keccakSourceLane((l + 2) % 5 + row)] + ONES;
            var rest = value;
            var result = 0;
            for (var j = CHI_CHUNKS - 1; j >= 0; j--) {
                var part = rest;
                if (j > 0) {
                    // SOUND: the lookup and the lowest chunk, see above.
                    key[k] <-- (value >> (18 * j)) & ((1 << 18) - 1);
                    rest -= key[k] * (1 << (18 * j));
                    part = key[k];
                    k++;
                }
                // SOUND: the lookup.
                image[n] <-- (part >> 1) & ONES;
                lookedKey[n - first] = part;
                lookedImage[n - first] = image[n];
                tag[n - first] = CHI;
                var chunk = image[n];
                n++;
                var constant = 0;
                if (l == 0) {
                    constant = keccakConstantChunk(constants[r], j);
                }
                if (constant != 0) {
                    // SOUND: the lookup.
                    image[n] <-- (chunk + constant) & ONES;
                    lookedKey[n - first] = chunk + constant;
                    lookedImage[n - first] = image[n];
                    tag[n - first] = PARITY;
                    chunk = image[n];
                    n++;
                }
                result += chunk * (1 << (18 * j));
            }
            state[l] = result;
        }

        // The round's lookups. One inversion serves all: denominators multiplied up, then taken off one by one.
        var ROUND = n - first;
        var product[MAX_ROUND + 1];
        var inverse[MAX_ROUND];
        product[0] = 1;
        for (var i = 0; i < ROUND; i++) {
            chFold[first + i] <== chX * lookedImage[i];
            product[i + 1] = product[i] * (chPole - lookedKey[i] - chFold[first + i] - tag[i] * chX2);
        }
        var running = 1 / product[ROUND];
        for (var i = ROUND - 1; i >= 0; i--) {
            inverse[i] = running * product[i];
            running *= chPole - lookedKey[i] - chFold[first + i] - tag[i] * chX2;
        }
        for (var i = 0; i < ROUND; i++) {
            var before = 0;
            if (first + i > 0) {
                before = chRunning[first + i - 1];
            }
            // SOUND: the next row, whose second factor is not zero where it holds.
            chRunning[first + i] <-- before + inverse[i];
            (chRunning[first + i] - before) * (chPole - lookedKey[i] - chFold[first + i] - tag[i] * chX2) === 1;
            packed += keccakLooked(tag[i], lookedKey[i]) << (24 * ((first + i) % 10));
            if ((first + i) % 10 == 9 || first + i == LOOKUPS - 1) {
                // SOUND: not constrained; counts multiplicities.
                looked[(first + i) \ 10] <-- packed;
                packed = 0;
            }
        }
        first = n;
    }
    for (var l = 0; l < 25; l++) {
        out[l] <== state[l];
    }
    chSum <== chRunning[LOOKUPS - 1];
}
