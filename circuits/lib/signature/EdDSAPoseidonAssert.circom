pragma circom 2.2.0;

include "lib/curve/BabyJubAdd.circom";
include "lib/curve/BabyJubAssertOnCurve.circom";
include "lib/curve/BabyJubConstants.circom";
include "lib/curve/BabyJubDouble.circom";
include "lib/curve/BabyJubMultiply.circom";
include "lib/curve/BabyJubMultiplyBase.circom";
include "lib/hash/Poseidon.circom";

/// @title EdDSAPoseidonAssert
/// @notice Enforces, where enabled, that (R8, s) is key A's signature of a message: s·BASE8 = R8 + h·8·A with
///   h = Poseidon(R8.x, R8.y, A.x, A.y, message), circomlib's convention.
/// @input enabled {binary} requires: 0 or 1; with 0 nothing is said about the other inputs but that s is below l
/// @input ax, ay the public key: on the curve and 8·A ≠ neutral enforced here where enabled
/// @input r8x, r8y any field elements: equal to s·BASE8 − h·8·A, hence on the curve, enforced here where enabled
/// @input s [0, l) enforced here
/// @input message any field element
/// @soundness A disabled slot works on BASE8 in place of A, so it has a witness for any key. 8·A lies in the subgroup of order l, as the
///   multiplication requires. R8 is compared with the computed point, so no equation is ever evaluated off the curve.
/// DIFFERS FROM SPEC: circomlibjs accepts keys with 8·A neutral, whose signatures anyone can make; here they never sign.
/// @cost 2,672 non-linear constraints
template EdDSAPoseidonAssert() {
    signal input {binary} enabled;
    signal input ax;
    signal input ay;
    signal input r8x;
    signal input r8y;
    signal input s;
    signal input message;

    var base[2] = babyJubBase8();
    signal keyX <== base[0] + enabled * (ax - base[0]);
    signal keyY <== base[1] + enabled * (ay - base[1]);
    BabyJubAssertOnCurve()(keyX, keyY);

    component double[3];
    for (var i = 0; i < 3; i++) {
        double[i] = BabyJubDouble();
        double[i].x1 <== i == 0 ? keyX : double[i - 1].x;
        double[i].y1 <== i == 0 ? keyY : double[i - 1].y;
    }

    signal h <== Poseidon(5)([r8x, r8y, keyX, keyY, message]);
    component challenged = BabyJubMultiply();
    challenged.scalar <== h;
    challenged.x1 <== double[2].x;
    challenged.y1 <== double[2].y;

    component response = BabyJubMultiplyBase();
    response.scalar <== s;

    component difference = BabyJubAdd();
    difference.x1 <== response.x;
    difference.y1 <== response.y;
    difference.x2 <== -challenged.x;
    difference.y2 <== challenged.y;
    enabled * (difference.x - r8x) === 0;
    enabled * (difference.y - r8y) === 0;
}
