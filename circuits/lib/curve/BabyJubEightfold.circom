pragma circom 2.2.0;

/// @title BabyJubEightfold
/// @notice 8·A for a point A of BabyJubjub, in Montgomery form.
/// @input x, y any field elements; A = (x, y) on the curve and 8·A not neutral, both enforced here
/// @output u, v 8·A, of the prime order l
/// @soundness y = 1 leaves 0 = 2 in the first line. Where x = 0 the second asks for u = 0, hence y = −1, and leaves the ordinate free; the
///   curve's equation makes it 0. Elsewhere both are unique, and with an ordinate other than 0 the maps between the two forms are
///   inverse to each other, so the equation of one is that of the other. An ordinate is 0 at (0, 0) only, the point of order 2, because
///   168698² − 4 is no square. There the tangent's row reads 0 = 1, so no doubling starts from it and none ends in the neutral point.
/// @cost 16 non-linear constraints
template BabyJubEightfold() {
    signal input x;
    signal input y;
    signal output u;
    signal output v;

    signal us[4];
    signal vs[4];
    // SOUND: unique by the next line, which y = 1 cannot satisfy
    us[0] <-- (1 + y) / (1 - y);
    us[0] * (1 - y) === 1 + y;
    // SOUND: unique by the next line where x ≠ 0, by the curve's equation where x = 0
    vs[0] <-- us[0] / x;
    vs[0] * x === us[0];

    signal uu[3];
    uu[0] <== us[0] * us[0];
    signal vv <== vs[0] * vs[0];
    us[0] * (uu[0] + 168698 * us[0] + 1) === vv;

    signal slope[3];
    for (var i = 0; i < 3; i++) {
        if (i > 0) {
            uu[i] <== us[i] * us[i];
        }
        // SOUND: the tangent's slope, unique by the next line, which vs = 0 cannot satisfy
        slope[i] <-- (3 * uu[i] + 2 * 168698 * us[i] + 1) / (2 * vs[i]);
        slope[i] * 2 * vs[i] === 3 * uu[i] + 2 * 168698 * us[i] + 1;
        us[i + 1] <== slope[i] * slope[i] - 168698 - 2 * us[i];
        vs[i + 1] <== slope[i] * (us[i] - us[i + 1]) - vs[i];
    }
    u <== us[3];
    v <== vs[3];
}
