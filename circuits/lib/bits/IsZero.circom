pragma circom 2.2.0;

/// @title IsZero
/// @notice Whether a signal is zero.
/// @input in any field element
/// @output out {binary}: 1 if in = 0, else 0
/// @soundness in ≠ 0 forces out = 0 by the second line; in = 0 forces out = 1 by the first
/// @cost 2 non-linear constraints
template IsZero() {
    signal input in;
    signal output {binary} out;

    // SOUND: unique where in ≠ 0; where in = 0 it is free and has no effect, since it is multiplied by in alone
    signal inverse <-- in != 0 ? 1 / in : 0;
    out <== 1 - in * inverse;
    in * out === 0;
}
