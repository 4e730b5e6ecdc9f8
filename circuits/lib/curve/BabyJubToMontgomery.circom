pragma circom 2.2.0;

/// @title BabyJubToMontgomery
/// @notice Montgomery form v² = u³ + 168698·u² + u of a point: u = (1 + y)/(1 − y), v = u/x.
/// @input x, y requires: on the curve and not (0, -1); (0, 1) is refused here
/// @output u, v the same point
/// @soundness y = 1 leaves 0 = 2 in the first line; x = 0 holds only (0, 1) and (0, -1); so both quotients are unique
/// @cost 2 non-linear constraints
template BabyJubToMontgomery() {
    signal input x;
    signal input y;
    signal output u;
    signal output v;

    // SOUND: unique by the next line, which y = 1 cannot satisfy
    u <-- (1 + y) / (1 - y);
    u * (1 - y) === 1 + y;
    // SOUND: unique by the next line, x ≠ 0
    v <-- u / x;
    v * x === u;
}
