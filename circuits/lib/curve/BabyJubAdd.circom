pragma circom 2.2.0;

/// @title BabyJubAdd
/// @notice The sum of two points of BabyJubjub, by the complete twisted Edwards law.
/// @input x1, y1 requires: on the curve
/// @input x2, y2 requires: on the curve
/// @output x, y the sum
/// @soundness a = 168700 is a square and d = 168696 is not, so neither denominator is ever 0 on the curve (Bernstein, Birkner, Joye,
///   Lange, Peters 2008): equal, opposite, small-order and neutral points are no exceptions and the quotients are unique
/// @cost 6 non-linear constraints
template BabyJubAdd() {
    signal input x1;
    signal input y1;
    signal input x2;
    signal input y2;
    signal output x;
    signal output y;

    signal xy <== x1 * y2;
    signal yx <== y1 * x2;
    // y1·y2 − a·x1·x2 and, beside it, yx − a·xy
    signal mixed <== (y1 - 168700 * x1) * (x2 + y2);
    signal product <== xy * yx;

    // SOUND: the quotient by a denominator that is not 0, enforced in the next line
    x <-- (xy + yx) / (1 + 168696 * product);
    x * (1 + 168696 * product) === xy + yx;
    // SOUND: the quotient by a denominator that is not 0, enforced in the next line
    y <-- (mixed + 168700 * xy - yx) / (1 - 168696 * product);
    y * (1 - 168696 * product) === mixed + 168700 * xy - yx;
}
