pragma circom 2.2.0;

/// @title Num2Bits
/// @notice The binary digits of a number, least significant first.
/// @param N number of digits, at most 253: 2^253 < r, so a number has one decomposition only
/// @input in [0, 2^N) enforced here
/// @output out[N] {binary}: in = Σ out[i]·2^i
/// @soundness every digit is 0 or 1 and the sum of at most 253 digits does not reach r
/// @cost N non-linear constraints, 1 linear
template Num2Bits(N) {
    assert(N >= 1 && N <= 253);
    signal input in;
    signal output {binary} out[N];

    var sum = 0;
    for (var i = 0; i < N; i++) {
        // SOUND: binary by the next line; the sum below is injective on N ≤ 253 binary digits
        out[i] <-- (in >> i) & 1;
        out[i] * (out[i] - 1) === 0;
        sum += out[i] * (1 << i);
    }
    sum === in;
}
