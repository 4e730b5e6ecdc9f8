pragma circom 2.2.0;

include "lib/bits/AssertBitsAtMost.circom";

/// @title Num2BitsStrict
/// @notice The 254 binary digits of any field element: its representative below r, and no other.
/// @input in any field element
/// @output out[254] {binary}: the canonical in = Σ out[i]·2^i over the integers
/// @soundness the digits sum to in modulo r and to at most r − 1 over the integers
/// @cost 307 non-linear constraints (254 digits, 53 runs of zeros in r − 1), 1 linear
template Num2BitsStrict() {
    signal input in;
    signal output {binary} out[254];

    var sum = 0;
    for (var i = 0; i < 254; i++) {
        // SOUND: binary by the next line; of the two numbers below 2^254 that are in modulo r, the bound leaves one
        out[i] <-- (in >> i) & 1;
        out[i] * (out[i] - 1) === 0;
        sum += out[i] * (1 << i);
    }
    sum === in;
    AssertBitsAtMost(254, -1)(out);
}
