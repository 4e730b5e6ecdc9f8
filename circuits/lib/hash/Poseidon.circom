pragma circom 2.2.0;

include "lib/hash/PoseidonConstants1.circom";
include "lib/hash/PoseidonConstants2.circom";
include "lib/hash/PoseidonConstants3.circom";
include "lib/hash/PoseidonConstants4.circom";
include "lib/hash/PoseidonConstants5.circom";
include "lib/hash/PoseidonConstants6.circom";

function poseidonPartialRounds(arity) {
    if (arity == 1) return poseidon1PartialRounds();
    if (arity == 2) return poseidon2PartialRounds();
    if (arity == 3) return poseidon3PartialRounds();
    if (arity == 4) return poseidon4PartialRounds();
    if (arity == 5) return poseidon5PartialRounds();
    return poseidon6PartialRounds();
}

/// @title Poseidon
/// @notice Poseidon hash of 1 to 6 field elements, circomlib's parameters: x^5, 8 full rounds, capacity element 0 starts as 0.
/// @param ARITY number of inputs
/// @input in[ARITY] any field elements
/// @output out element 0 of the state after the last round
/// @soundness every S-box is three products of linear combinations; matrices and constants live in `var` and add no rows. Partial
///   rounds use the sparse form of the same permutation (see src/math/poseidon.ts), which the tests compare with the plain one.
/// @cost 3·(8·(ARITY + 1) − 1 + partial rounds) non-linear constraints, 1 linear: 213, 240, 261, 297, 321, 354 for ARITY 1 to 6
template Poseidon(ARITY) {
    assert(ARITY >= 1 && ARITY <= 6);
    signal input in[ARITY];
    signal output out;

    var WIDTH = ARITY + 1;
    var PARTIAL = poseidonPartialRounds(ARITY);
    var added[8 * WIDTH];
    var matrix[WIDTH * WIDTH];
    var before[WIDTH * WIDTH];
    var start[WIDTH];
    var after[PARTIAL];
    var sparse[PARTIAL * (2 * WIDTH - 1)];
    if (ARITY == 1) {
        added = poseidon1FullConstants();
        matrix = poseidon1Matrix();
        before = poseidon1MatrixBeforePartial();
        start = poseidon1PartialStart();
        after = poseidon1PartialConstants();
        sparse = poseidon1Sparse();
    } else if (ARITY == 2) {
        added = poseidon2FullConstants();
        matrix = poseidon2Matrix();
        before = poseidon2MatrixBeforePartial();
        start = poseidon2PartialStart();
        after = poseidon2PartialConstants();
        sparse = poseidon2Sparse();
    } else if (ARITY == 3) {
        added = poseidon3FullConstants();
        matrix = poseidon3Matrix();
        before = poseidon3MatrixBeforePartial();
        start = poseidon3PartialStart();
        after = poseidon3PartialConstants();
        sparse = poseidon3Sparse();
    } else if (ARITY == 4) {
        added = poseidon4FullConstants();
        matrix = poseidon4Matrix();
        before = poseidon4MatrixBeforePartial();
        start = poseidon4PartialStart();
        after = poseidon4PartialConstants();
        sparse = poseidon4Sparse();
    } else if (ARITY == 5) {
        added = poseidon5FullConstants();
        matrix = poseidon5Matrix();
        before = poseidon5MatrixBeforePartial();
        start = poseidon5PartialStart();
        after = poseidon5PartialConstants();
        sparse = poseidon5Sparse();
    } else {
        added = poseidon6FullConstants();
        matrix = poseidon6Matrix();
        before = poseidon6MatrixBeforePartial();
        start = poseidon6PartialStart();
        after = poseidon6PartialConstants();
        sparse = poseidon6Sparse();
    }

    // Powers 2, 4 and 5 of every S-box input; that of element 0 in round 0 is a constant and has none.
    signal fullSquare[8 * WIDTH - 1];
    signal fullFourth[8 * WIDTH - 1];
    signal fullFifth[8 * WIDTH - 1];
    signal square[PARTIAL];
    signal fourth[PARTIAL];
    signal fifth[PARTIAL];

    var state[WIDTH];
    var next[WIDTH];
    var boxed;
    state[0] = 0;
    for (var i = 0; i < ARITY; i++) {
        state[i + 1] = in[i];
    }
    for (var round = 0; round < 8; round++) {
        for (var i = 0; i < WIDTH; i++) {
            var k = round * WIDTH + i - 1;
            boxed = state[i] + added[k + 1];
            if (k == -1) {
                state[i] = boxed ** 5;
            } else {
                fullSquare[k] <== boxed * boxed;
                fullFourth[k] <== fullSquare[k] * fullSquare[k];
                fullFifth[k] <== fullFourth[k] * boxed;
                state[i] = fullFifth[k];
            }
        }
        for (var i = 0; i < WIDTH; i++) {
            next[i] = 0;
            for (var j = 0; j < WIDTH; j++) {
                next[i] += (round == 3 ? before[i * WIDTH + j] : matrix[i * WIDTH + j]) * state[j];
            }
        }
        for (var i = 0; i < WIDTH; i++) {
            state[i] = round == 3 ? next[i] + start[i] : next[i];
        }
        if (round == 3) {
            for (var p = 0; p < PARTIAL; p++) {
                var at = p * (2 * WIDTH - 1);
                square[p] <== state[0] * state[0];
                fourth[p] <== square[p] * square[p];
                fifth[p] <== fourth[p] * state[0];
                boxed = fifth[p] + after[p];
                next[0] = sparse[at] * boxed;
                for (var j = 1; j < WIDTH; j++) {
                    next[0] += sparse[at + j] * state[j];
                    next[j] = state[j] + sparse[at + WIDTH + j - 1] * boxed;
                }
                for (var j = 0; j < WIDTH; j++) {
                    state[j] = next[j];
                }
            }
        }
    }
    out <== state[0];
}
