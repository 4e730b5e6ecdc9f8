pragma circom 2.2.0;

include "lib/lookup/SumInBlocks.circom";

/// @title RangeTable
/// @notice Table side of the balance of all C-bit chunks: Σ_j count_j / (z - j) over j in [0, 2^C). The top template enforces
///         "sum over the lookups === sum over this table".
/// @param C bits of a chunk, 1 to 16
/// @input count[2^C] how often each j was looked up; a first-round hint, any field element: a value outside the table has a pole of its own
///        whose residue is its number of occurrences, below r, whatever the counts are
/// @input chPole z, from LookupPole
/// @output chSum Σ_j count_j / (z - j)
/// @soundness a row with z = j leaves its chRow free; counted among the at most N + T - 1 bad challenges
/// @cost 2^C + ⌈2^C/64⌉ + 1 rows
template RangeTable(C) {
    assert(C >= 1 && C <= 16);
    var ROWS = 1 << C;
    signal input count[ROWS];
    signal input chPole;
    signal output chSum;

    signal chRow[ROWS];
    var BLOCK = ROWS < 64 ? ROWS : 64;
    for (var base = 0; base < ROWS; base += BLOCK) {
        // One division serves a block of hints: denominators multiplied up, then taken off one by one.
        var product[BLOCK + 1];
        var inverse[BLOCK];
        product[0] = 1;
        for (var i = 0; i < BLOCK; i++) product[i + 1] = product[i] * (chPole - base - i);
        var running = 1 / product[BLOCK];
        for (var i = BLOCK - 1; i >= 0; i--) {
            inverse[i] = running * product[i];
            running *= chPole - base - i;
        }
        for (var i = 0; i < BLOCK; i++) {
            // SOUND: the row below, z differs from j = base + i.
            chRow[base + i] <-- count[base + i] * inverse[i];
            chRow[base + i] * (chPole - base - i) === count[base + i];
        }
    }
    chSum <== SumInBlocks(ROWS)(chRow);
}
