pragma circom 2.2.0;

include "lib/bits/IsZero.circom";

/// @title IsEqual
/// @notice Whether two signals are equal.
/// @input a any field element
/// @input b any field element
/// @output out {binary}: 1 if a = b, else 0
/// @soundness a = b exactly where a − b = 0
/// @cost 2 non-linear constraints, 1 linear
template IsEqual() {
    signal input a;
    signal input b;
    signal output {binary} out;

    out <== IsZero()(a - b);
}
