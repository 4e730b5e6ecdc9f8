pragma circom 2.2.0;

/// @title BabyJubFromMontgomery
/// @notice Twisted Edwards form of a point given in Montgomery form: x = u/v, y = (u − 1)/(u + 1).
/// @input u, v requires: on the curve and not (0, 0)
/// @output x, y the same point
/// @soundness v = 0 only at (0, 0), because 168698² − 4 is no square; u = −1 nowhere, because 168696 is no square
/// @cost 2 non-linear constraints
template BabyJubFromMontgomery() {
    signal input u;
    signal input v;
    signal output x;
    signal output y;

    // SOUND: unique by the next line, v ≠ 0
    x <-- u / v;
    x * v === u;
    // SOUND: unique by the next line, u ≠ −1
    y <-- (u - 1) / (u + 1);
    y * (u + 1) === u - 1;
}
