pragma circom 2.2.0;

// Constants of BabyJubjub, EIP-2494: 168700·x² + y² = 1 + 168696·x²·y², in Montgomery form v² = u³ + 168698·u² + u by
// u = (1 + y)/(1 − y), v = u/x. Its group is cyclic of order 8·l. O2 = (0, 0) in Montgomery form is the point of order 2,
// O4 = (1, √168700) one of the two of order 4.

/// Prime order l of the large subgroup.
function babyJubOrder() {
    return 2736030358979909402780800718157159386076813972158567259200215660948447373041;
}

/// Coordinates of BASE8, the generator of the subgroup of order l.
function babyJubBase8() {
    return [
        5299619240641551281634865583518297030282874472190772894086521144482721001553,
        16950150798460657717958625567821834550301663161624707787222815936182638968203
    ];
}

/// The smaller square root of 168700, ordinate of O4 in Montgomery form.
function babyJubRoot() {
    return 7214280148105020021932206872019688659210616427216992810330019057549499971851;
}

/// Montgomery form of a point given by its constant coordinates, neither (0, 1) nor (0, −1).
function babyJubToMontgomery(x, y) {
    var point[2];
    point[0] = (1 + y) / (1 - y);
    point[1] = point[0] / x;
    return point;
}

/// Montgomery form of BASE8 + O2: O2 is (0, −1), which turns both signs.
function babyJubBase8PlusO2() {
    var base[2] = babyJubBase8();
    var sum[2] = babyJubToMontgomery(-base[0], -base[1]);
    return sum;
}

/// Montgomery form of O4 + factor·BASE8 for a factor of −1, 0 or 1: O4 is (1/√168700, 0), whose sum with (x, y) is
/// (y/√168700, −√168700·x).
function babyJubO4PlusBase8(factor) {
    var root = babyJubRoot();
    var base[2] = babyJubBase8();
    var sum[2];
    if (factor == 0) {
        sum[0] = 1;
        sum[1] = root;
    } else {
        sum = babyJubToMontgomery(base[1] / root, -root * base[0] * factor);
    }
    return sum;
}
