pragma circom 2.2.0;

/// @title AssertBits
/// @notice Range check: in has at most N binary digits.
/// @param N number of digits, at most 253
/// @input in [0, 2^N) enforced here
/// @soundness in is a sum of N binary digits, the lowest of which is what the others leave
/// @cost N non-linear constraints, none linear
template AssertBits(N) {
    assert(N >= 1 && N <= 253);
    signal input in;
    signal upper[N - 1];

    var lowest = in;
    for (var i = 1; i < N; i++) {
        // SOUND: binary by the next line; N ≤ 253 binary digits have one sum, so they are the digits of in
        upper[i - 1] <-- (in >> i) & 1;
        upper[i - 1] * (upper[i - 1] - 1) === 0;
        lowest -= upper[i - 1] * (1 << i);
    }
    lowest * (lowest - 1) === 0;
}
