pragma circom 2.2.0;

include "lib/lookup/SumInBlocks.circom";

/// @title TupleTable
/// @notice Table side of TupleLookup for a table whose rows are wires. Give the rows a component with a constant index wherever a key must
///         be unique. Balance each table by itself: a merged balance of two tables without tags is unsound.
/// @param ROWS rows of the table
/// @param K components of each, at least 2
/// @input value[ROWS][K] first-round values; requires: the owner has constrained them
/// @input count[ROWS] how often each row was looked up: a first-round hint, any field element
/// @input chX, chPole as in TupleLookup
/// @output chSum Σ_j count_j / (z - fold_j)
/// @soundness see RangeTable; equal rows are harmless
/// @cost ROWS·K rows and ⌈ROWS/64⌉ + 1 linear ones
template TupleTable(ROWS, K) {
    assert(K >= 2);
    signal input value[ROWS][K];
    signal input count[ROWS];
    signal input chX;
    signal input chPole;
    signal output chSum;

    signal chFold[ROWS][K - 1];
    signal chRow[ROWS];
    for (var j = 0; j < ROWS; j++) {
        var fold = value[j][K - 1];
        for (var k = K - 2; k >= 0; k--) {
            chFold[j][k] <== fold * chX;
            fold = chFold[j][k] + value[j][k];
        }
        // SOUND: the row below.
        chRow[j] <-- count[j] / (chPole - fold);
        chRow[j] * (chPole - fold) === count[j];
    }
    chSum <== SumInBlocks(ROWS)(chRow);
}
