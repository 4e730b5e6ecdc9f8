pragma circom 2.2.0;

include "lib/curve/Secp256k1AddChain.circom";
include "lib/curve/Secp256k1Constants.circom";
include "lib/curve/Secp256k1MultiScalar.circom";
include "lib/signature/EcdsaGeneratorScalar.circom";
include "lib/signature/EcdsaSlot.circom";

/// @title EcdsaVerify
/// @notice One ECDSA signature on secp256k1 is valid: u1·G + u2·Q - R = 0, checked as 2^128·O + u1·G + u2·Q - R = 2^128·O. No weights and
///         no hash, so that it also makes sense with bits (C = 0), in plain Groth16.
/// @param C chunk bits, 0 for bits
/// @input messageHash[4], r[4], s[4], noncePointY[4], publicKeyX[4], publicKeyY[4] limbs, all enforced here: see EcdsaSlot and EcdsaGeneratorScalar
/// @input chX, chPole the challenge and z of LookupPole; 0 for bits
/// @output chSum Σ 1/(z - chunk) over all chunks, for the caller's balance with RangeTable(C); 0 for bits
/// @output looked[lookedEcdsaVerify(C)] the chunks, for counting only
/// @soundness see EcdsaBatch, with weight 1 and without error: the equation itself is checked
/// @cost C = 13: 31,000 rows beside pole and table; C = 0: 324,800
template EcdsaVerify(C) {
    var T = 4;
    var SLOT = lookedEcdsaSlot(C);
    var SCALAR = lookedEcdsaGeneratorScalar(C, 1);
    var SUM = lookedSecp256k1MultiScalar(C, T, [33, 33, 33, 33]);
    var LAST = lookedSecp256k1AddChain(C, 1);
    signal input messageHash[4];
    signal input r[4];
    signal input s[4];
    signal input noncePointY[4];
    signal input publicKeyX[4];
    signal input publicKeyY[4];
    signal input chX;
    signal input chPole;
    signal output chSum;
    signal output looked[SLOT + SCALAR + SUM + LAST];

    component slot = EcdsaSlot(C);
    slot.r <== r;
    slot.s <== s;
    slot.noncePointY <== noncePointY;
    slot.publicKeyX <== publicKeyX;
    slot.publicKeyY <== publicKeyY;
    slot.weight <== [1, 0];
    slot.chPole <== chPole;
    component scalar = EcdsaGeneratorScalar(C, 1);
    scalar.messageHash <== messageHash;
    scalar.quotient[0] <== slot.quotient;
    scalar.chPole <== chPole;

    component total = Secp256k1MultiScalar(C, T, [33, 33, 33, 33], [1, 1, 1, 1]);
    total.multipleX[0] <== secp256k1GeneratorX();
    total.multipleX[1] <== secp256k1GeneratorBetaX();
    for (var h = 0; h < 2; h++) {
        total.multipleY[h] <== secp256k1GeneratorY();
        total.digit[h] <== scalar.digit[h];
        total.multipleX[2 + h] <== slot.multipleX[h];
        total.multipleY[2 + h] <== slot.multipleY;
        total.digit[2 + h] <== slot.digit[h];
    }
    total.chX <== chX;
    total.chPole <== chPole;

    component last = Secp256k1AddChain(C, 1);
    last.x <== total.x;
    last.y <== total.y;
    last.pointX[0] <== r;
    for (var j = 0; j < 4; j++) {
        last.pointY[0][j] <== -noncePointY[j];
    }
    last.factor <== total.nonZero;
    last.chPole <== chPole;

    // Equality of limbs, not only modulo p: an honest prover's are canonical.
    var finalX[4] = secp256k1FinalOffsetX();
    var finalY[4] = secp256k1FinalOffsetY();
    for (var j = 0; j < 4; j++) {
        last.outX[j] === finalX[j];
        last.outY[j] === finalY[j];
    }
    signal inverse;
    // SOUND: exists exactly if no addition met equal x.
    inverse <-- 1 / last.nonZero;
    inverse * last.nonZero === 1;

    chSum <== C == 0 ? 0 : slot.chSum + scalar.chSum + total.chSum + last.chSum;
    var seen[SLOT + SCALAR + SUM + LAST];
    for (var k = 0; k < SLOT + hintZero(chPole); k++) {
        seen[k] = slot.looked[k];
    }
    for (var k = 0; k < SCALAR + hintZero(chPole); k++) {
        seen[SLOT + k] = scalar.looked[k];
    }
    for (var k = 0; k < SUM + hintZero(chPole); k++) {
        seen[SLOT + SCALAR + k] = total.looked[k];
    }
    for (var k = 0; k < LAST + hintZero(chPole); k++) {
        seen[SLOT + SCALAR + SUM + k] = last.looked[k];
    }
    // SOUND: counted only.
    looked <-- seen;
}

/// Length of `looked` of EcdsaVerify.
function lookedEcdsaVerify(C) {
    return lookedEcdsaSlot(C) + lookedEcdsaGeneratorScalar(C, 1) + lookedSecp256k1MultiScalar(C, 4, [33, 33, 33, 33])
        + lookedSecp256k1AddChain(C, 1);
}
