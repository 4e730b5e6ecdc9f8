pragma circom 2.2.0;

/// How many maximal runs of zeros there are among the N low digits of `bound`, below its highest one.
function zeroRuns(N, bound) {
    var runs = 0;
    var seenOne = 0;
    var inRun = 0;
    for (var i = N - 1; i >= 0; i--) {
        if ((bound >> i) & 1 == 1) {
            seenOne = 1;
            inRun = 0;
        } else if (seenOne == 1 && inRun == 0) {
            runs++;
            inRun = 1;
        }
    }
    return runs;
}

/// @title AssertBitsAtMost
/// @notice Enforces that a number given by its digits is at most a constant.
/// @param N number of digits, at most 254
/// @param BOUND the constant, in [0, 2^N); r − 1 is written -1
/// @input in[N] {binary} requires: each 0 or 1; least significant first; Σ in[i]·2^i ≤ BOUND enforced here
/// @soundness the number exceeds BOUND exactly where, at some digit that is 0 in BOUND and 1 in the number, no higher digit is 1 in
///   BOUND and 0 in the number. `misses` counts the latter; one row per run of zeros says: a one within the run needs misses ≠ 0.
/// @cost one non-linear constraint for each run of zeros in BOUND (53 for r − 1)
template AssertBitsAtMost(N, BOUND) {
    assert(N >= 1 && N <= 254);
    signal input {binary} in[N];
    signal quotient[zeroRuns(N, BOUND)];

    var misses = 0;
    var ones = 0;
    var seenOne = 0;
    var inRun = 0;
    var run = 0;
    for (var i = N - 1; i >= 0; i--) {
        if ((BOUND >> i) & 1 == 1) {
            seenOne = 1;
            inRun = 0;
            misses += 1 - in[i];
        } else if (seenOne == 0) {
            in[i] === 0;
        } else {
            if (inRun == 0) {
                ones = 0;
                inRun = 1;
            }
            ones += in[i];
            if (i == 0 || (BOUND >> (i - 1)) & 1 == 1) {
                // SOUND: unique where misses ≠ 0 (misses ≤ 254, no wrap); where misses = 0 it is free and has no effect
                quotient[run] <-- misses != 0 ? ones / misses : 0;
                quotient[run] * misses === ones;
                run++;
            }
        }
    }
}
