pragma circom 2.2.0;

include "lib/curve/BabyJubCombination.circom";
include "lib/curve/BabyJubConstants.circom";
include "lib/curve/BabyJubEightfold.circom";
include "lib/hash/Poseidon.circom";

/// @title EdDSAPoseidonAssert
/// @notice Enforces, where enabled, that (R8, s) is key A's signature of a message: s·BASE8 = R8 + h·8·A with
///   h = Poseidon(R8.x, R8.y, A.x, A.y, message), circomlib's convention.
/// @input enabled {binary} requires: 0 or 1; with 0 nothing is said about the other inputs but that s is below l
/// @input ax, ay the public key: on the curve and 8·A neither neutral nor ±BASE8 enforced here where enabled
/// @input r8x, r8y any field elements: equal to s·BASE8 − h·8·A, hence on the curve, enforced here where enabled
/// @input s [0, l) enforced here
/// @input message any field element
/// @soundness A disabled slot works on BASE8 in place of A, so it has a witness for any key. 8·A has order l, as the combination requires.
///   R8 is compared with the computed point, so no equation is ever evaluated off the curve.
/// DIFFERS FROM SPEC: circomlibjs accepts keys with 8·A neutral or ±BASE8, whose signatures anyone can make; here they never sign.
/// @cost 2,379 non-linear constraints
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
    signal u;
    signal v;
    (u, v) <== BabyJubEightfold()(keyX, keyY);

    signal h <== Poseidon(5)([r8x, r8y, keyX, keyY, message]);
    signal x;
    signal y;
    (x, y) <== BabyJubCombination()(s, h, u, v);
    enabled * (x - r8x) === 0;
    enabled * (y - r8y) === 0;
}
