pragma circom 2.2.0;

/// @title Bits2Num
/// @notice The number of which the digits are given, least significant first.
/// @param N number of digits, at most 253
/// @input in[N] {binary} requires: each 0 or 1
/// @output out [0, 2^N)
/// @soundness linear
/// @cost 1 linear constraint
template Bits2Num(N) {
    assert(N >= 1 && N <= 253);
    signal input {binary} in[N];
    signal output out;

    var sum = 0;
    for (var i = 0; i < N; i++) {
        sum += in[i] * (1 << i);
    }
    out <== sum;
}
