pragma circom 2.2.0;

/// @title AssertNonZero
/// @notice Enforces that a signal is not zero.
/// @input in not 0 enforced here
/// @soundness 0 has no inverse
/// @cost 1 non-linear constraint
template AssertNonZero() {
    signal input in;

    // SOUND: the inverse is unique by the next line
    signal inverse <-- in != 0 ? 1 / in : 0;
    in * inverse === 1;
}
