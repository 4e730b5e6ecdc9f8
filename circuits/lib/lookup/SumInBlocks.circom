pragma circom 2.2.0;

/// @title SumInBlocks
/// @notice Sum of second-round values in blocks of 64: the compiler takes quadratic time for one long linear row.
/// @param N number of terms
/// @input chTerms[N] any field elements
/// @output chSum their sum
/// @soundness linear rows only
/// @cost ⌈N/64⌉ + 1 linear rows; 1 for N <= 64
template SumInBlocks(N) {
    signal input chTerms[N];
    signal output chSum;

    var BLOCK = 64;
    var BLOCKS = (N + BLOCK - 1) \ BLOCK;
    signal chBlock[BLOCKS];
    var total = 0;
    for (var b = 0; b < BLOCKS; b++) {
        var sum = 0;
        for (var i = b * BLOCK; i < N && i < (b + 1) * BLOCK; i++) {
            sum += chTerms[i];
        }
        chBlock[b] <== sum;
        total += chBlock[b];
    }
    chSum <== total;
}
