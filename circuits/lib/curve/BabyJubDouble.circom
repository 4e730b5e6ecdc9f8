pragma circom 2.2.0;

/// @title BabyJubDouble
/// @notice Twice a point of BabyJubjub.
/// @input x1, y1 requires: on the curve
/// @output x, y the double
/// @soundness the complete addition law with 1 ± d·x²·y² written by the curve's equation: a·x² + y² and 2 − a·x² − y², never 0
/// @cost 5 non-linear constraints
template BabyJubDouble() {
    signal input x1;
    signal input y1;
    signal output x;
    signal output y;

    signal xx <== x1 * x1;
    signal yy <== y1 * y1;
    signal xy <== x1 * y1;

    // SOUND: the quotient by a denominator that is not 0, enforced in the next line
    x <-- 2 * xy / (168700 * xx + yy);
    x * (168700 * xx + yy) === 2 * xy;
    // SOUND: the quotient by a denominator that is not 0, enforced in the next line
    y <-- (yy - 168700 * xx) / (2 - 168700 * xx - yy);
    y * (2 - 168700 * xx - yy) === yy - 168700 * xx;
}
