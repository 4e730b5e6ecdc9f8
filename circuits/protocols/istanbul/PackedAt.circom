pragma circom 2.2.0;

/// @title PackedAt
/// @notice Reads N numbers of WIDTH bytes each, big-endian and STRIDE bytes apart, from a place that is known up to COUNT positions.
/// @param FIRST, COUNT positions FIRST .. FIRST + COUNT - 1
/// @param N, STRIDE, WIDTH numbers to read; WIDTH <= 31
/// @input position one of these positions, enforced here
/// @input bytes[…] the bytes from FIRST on. requires: each [0, 256)
/// @output at[COUNT] {binary} one-hot: at[i] = 1 where position = FIRST + i
/// @output out[N] [0, 256^WIDTH)
/// @soundness at[i]·(position - FIRST - i) = 0 leaves one place where at may differ from 0, and the sum makes it 1 there. A position
///     outside leaves no place, and the sum 1 cannot be reached
/// @cost (N + 1)·COUNT + 1 rows
template PackedAt(FIRST, COUNT, N, STRIDE, WIDTH) {
    assert(WIDTH >= 1 && WIDTH <= 31 && COUNT >= 1 && N >= 1);
    signal input position;
    signal input bytes[COUNT - 1 + (N - 1) * STRIDE + WIDTH];
    signal output {binary} at[COUNT];
    signal output out[N];

    var ones = 0;
    for (var i = 0; i < COUNT; i++) {
        // SOUND: the next row and the sum.
        at[i] <-- position == FIRST + i ? 1 : 0;
        at[i] * (position - FIRST - i) === 0;
        ones += at[i];
    }
    ones === 1;

    signal partial[N][COUNT];
    for (var n = 0; n < N; n++) {
        for (var i = 0; i < COUNT; i++) {
            var packed = 0;
            for (var k = 0; k < WIDTH; k++) packed = 256 * packed + bytes[i + n * STRIDE + k];
            if (i == 0) {
                partial[n][i] <== at[i] * packed;
            } else {
                partial[n][i] <== partial[n][i - 1] + at[i] * packed;
            }
        }
        out[n] <== partial[n][COUNT - 1];
    }
}
