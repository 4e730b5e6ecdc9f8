pragma circom 2.2.0;

include "lib/hash/KeccakConstants.circom";
include "lib/hash/KeccakTables.circom";

/// @title KeccakTable
/// @notice The table side of all lookups of Keccak: Σ count/(z − row) over the rows of `KeccakTables`, counts included.
/// @param PACKED elements that hold the lookups
/// @input looked[PACKED] table and key of each lookup, ten in an element, in any order; used for hints only.
/// @input chPole, chX, chX2 the pole x^E (`LookupPole`, LOG_E ≥ 24), x and x²; requires: computed so from the challenge x.
/// @output chSum (second round). requires: the caller sets it equal to the sum of all lookups, which hold no other tags.
/// @soundness The rows are constants. A tuple outside them has a pole of its own, whose residue is the number of its lookups,
///   below r, whatever the counts are: the balance fails but for (N + T)·E of r challenges. Counts need no range.
/// @cost 40,041 rows, one for each row of the table.
template KeccakTable(PACKED) {
    var ROWS = keccakRows();
    var BATCH = 64;
    var starts[6] = keccakTableStarts();
    signal input looked[PACKED];
    signal input chPole;
    signal input chX;
    signal input chX2;
    signal output chSum;

    // Multiplicities. The row of a key is read off three digits at a time: its table's first row, and what each group of digits adds.
    var place[5][3][512];
    for (var tag = 1; tag <= 4; tag++) {
        place[tag] = keccakPlaces(tag, starts[tag]);
    }
    // The compiler copies the whole array wherever the index is not constant, so it should see one such place only: loops whose
    // bounds it does not know are executed symbolically once.
    var packed[PACKED] = looked;
    var bound = PACKED;
    if (packed[0] == 0) {
        bound = 0;
    }
    var occurrences[ROWS];
    for (var i = 0; i < bound; i++) {
        var rest = packed[i];
        // Tags are not zero, so elements that are not full end early.
        while (rest != 0) {
            var tag = (rest >> 21) & 7;
            occurrences[place[tag][0][rest & 511] + place[tag][1][(rest >> 9) & 511] + place[tag][2][(rest >> 18) & 7]] += 1;
            rest = rest >> 24;
        }
    }
    // SOUND: first-round hints, any field elements.
    signal count[ROWS];
    for (var row = 0; row < ROWS; row++) {
        count[row] <-- occurrences[row];
    }

    signal chRunning[ROWS];
    for (var tag = 1; tag <= 4; tag++) {
        var start = starts[tag];
        var size = starts[tag + 1] - start;
        var radix = keccakRadix(tag);
        var key = 0;
        for (var base = 0; base < size; base += BATCH) {
            var end = size - base;
            if (end > BATCH) { end = BATCH; }
            // One inversion serves a batch: denominators multiplied up, then taken off one by one.
            var product[BATCH + 1];
            var inverse[BATCH];
            var pole[BATCH];
            product[0] = 1;
            for (var i = 0; i < end; i++) {
                pole[i] = chPole - key - keccakImage(tag, key) * chX - tag * chX2;
                product[i + 1] = product[i] * pole[i];
                // The next key: a digit that reaches the radix becomes 0 and carries one.
                key++;
                for (var place = 0; ((key >> place) & 7) == radix; place += 3) {
                    key += (8 - radix) << place;
                }
            }
            var running = 1 / product[end];
            for (var i = end - 1; i >= 0; i--) {
                inverse[i] = running * product[i];
                running *= pole[i];
            }
            for (var i = 0; i < end; i++) {
                var row = start + base + i;
                var before = 0;
                if (row > 0) {
                    before = chRunning[row - 1];
                }
                // SOUND: the next row. Where z is a pole of the table (probability below 2^-200) it is free.
                chRunning[row] <-- before + count[row] * inverse[i];
                (chRunning[row] - before) * pole[i] === count[row];
            }
        }
    }
    chSum <== chRunning[ROWS - 1];
}
