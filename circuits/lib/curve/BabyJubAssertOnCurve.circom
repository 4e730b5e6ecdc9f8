pragma circom 2.2.0;

/// @title BabyJubAssertOnCurve
/// @notice Enforces that (x, y) is a point of BabyJubjub: 168700·x² + y² = 1 + 168696·x²·y² (EIP-2494).
/// @input x any field element
/// @input y any field element; (x, y) on the curve enforced here
/// @soundness the equation itself
/// @cost 3 non-linear constraints
template BabyJubAssertOnCurve() {
    signal input x;
    signal input y;

    signal xx <== x * x;
    signal yy <== y * y;
    168696 * xx * yy === 168700 * xx + yy - 1;
}
