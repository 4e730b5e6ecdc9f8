pragma circom 2.2.0;

include "lib/curve/Secp256k1Constants.circom";
include "lib/curve/Secp256k1MultiScalar.circom";
include "lib/curve/Secp256k1OddMultiples.circom";
include "lib/lookup/SumInBlocks.circom";
include "lib/signature/EcdsaGeneratorScalar.circom";
include "lib/signature/EcdsaSlot.circom";
include "lib/signature/EcdsaTranscript.circom";
include "lib/signature/EcdsaWeight.circom";

/// @title EcdsaBatch
/// @notice All SLOTS signatures of one 256-bit message hash are valid: Σ z_i·(u1_i·G + u2_i·Q_i - R_i) = 0 with weights z_i hashed from everything
///         the equation depends on. One chain of doublings for all. Outputs nothing that is checked elsewhere but `chSum`.
/// @param C chunk bits, at least 1: the weights are sound only where ranges rest on the first-round commitment or on bits; 0 for bits
/// @param SLOTS number of signatures, at least 1. Callers count signers, never signatures: s and n - s are both valid
/// @input messageHash[4] limbs, least first, of the hash as a big-endian integer, enforced [0, 2^limbBits(C)); not reduced modulo n
/// @input r, s, noncePointY, publicKeyX, publicKeyY [SLOTS][4] limbs: see EcdsaSlot, which enforces all ranges, r, s in [1, n - 1], R and Q on the curve.
///        requires: the caller ties the key limbs to a member of its set
/// @input nonce any field element, see EcdsaTranscript
/// @input chX, chPole the challenge and z of LookupPole with 2^LOG_E > 8·(N + T - 1); 0 for bits
/// @output chSum Σ 1/(z - chunk) over all chunks, for the caller's balance with RangeTable(C)
/// @output looked[lookedEcdsaBatch(C, SLOTS)] the chunks, for counting the multiplicities of that table
/// @soundness n is prime and all points have order n, so a sum with a false signature vanishes for at most one of 2^128 weights of it; Poseidon as a
///            random oracle gives error Q·2^-128 for Q queries. Additions are exact by nonZero ≠ 0. O cancels: the sum must equal 2^128·O
/// @cost C = 13: 22,900 rows and 13,000 a slot, of which 98 digits at 94 rows, beside pole and table
template EcdsaBatch(C, SLOTS) {
    assert(SLOTS >= 1 && SLOTS <= 256);
    var T = 2 + 3 * SLOTS;
    var SLOT = lookedEcdsaSlot(C);
    var WEIGHT = lookedEcdsaWeight(C);
    var ODD = lookedSecp256k1OddMultiples(C);
    var SCALAR = lookedEcdsaGeneratorScalar(C, SLOTS);
    var windows[T];
    var sign[T];
    for (var t = 0; t < T; t++) {
        windows[t] = ecdsaBatchWindows(t);
        sign[t] = windows[t] == 32 ? -1 : 1;
    }
    var SUM = lookedSecp256k1MultiScalar(C, T, windows);
    var LOOKED = lookedEcdsaBatch(C, SLOTS);
    signal input messageHash[4];
    signal input r[SLOTS][4];
    signal input s[SLOTS][4];
    signal input noncePointY[SLOTS][4];
    signal input publicKeyX[SLOTS][4];
    signal input publicKeyY[SLOTS][4];
    signal input nonce;
    signal input chX;
    signal input chPole;
    signal output chSum;
    signal output looked[LOOKED];

    component transcript = EcdsaTranscript(C, SLOTS);
    transcript.messageHash <== messageHash;
    transcript.nonce <== nonce;
    component slot[SLOTS];
    component weight[SLOTS];
    component nonceMultiples[SLOTS];

    component total = Secp256k1MultiScalar(C, T, windows, sign);
    total.chX <== chX;
    total.chPole <== chPole;
    for (var i = 0; i < SLOTS; i++) {
        transcript.value[i] <== [r[i], s[i], noncePointY[i], publicKeyX[i], publicKeyY[i]];
    }
    signal chPart[3 * SLOTS + 1];
    var seen[LOOKED];
    var at = 0;
    for (var i = 0; i < SLOTS; i++) {
        weight[i] = EcdsaWeight(C, i);
        weight[i].seed <== transcript.seed;
        weight[i].chPole <== chPole;
        slot[i] = EcdsaSlot(C);
        slot[i].r <== r[i];
        slot[i].s <== s[i];
        slot[i].noncePointY <== noncePointY[i];
        slot[i].publicKeyX <== publicKeyX[i];
        slot[i].publicKeyY <== publicKeyY[i];
        slot[i].weight <== weight[i].weight;
        slot[i].chPole <== chPole;
        nonceMultiples[i] = Secp256k1OddMultiples(C);
        nonceMultiples[i].x <== r[i];
        nonceMultiples[i].y <== noncePointY[i];
        nonceMultiples[i].chPole <== chPole;
        for (var h = 0; h < 2; h++) {
            total.multipleX[2 + 3 * i + h] <== slot[i].multipleX[h];
            total.multipleY[2 + 3 * i + h] <== slot[i].multipleY;
            total.digit[2 + 3 * i + h] <== slot[i].digit[h];
        }
        total.multipleX[4 + 3 * i] <== nonceMultiples[i].multipleX;
        total.multipleY[4 + 3 * i] <== nonceMultiples[i].multipleY;
        for (var w = 0; w < 33; w++) {
            total.digit[4 + 3 * i][w] <== w < 32 ? weight[i].digit[w % 32] : 0;
        }
        chPart[3 * i] <== weight[i].chSum;
        chPart[3 * i + 1] <== slot[i].chSum;
        chPart[3 * i + 2] <== nonceMultiples[i].chSum;
        for (var k = 0; k < WEIGHT + hintZero(chPole); k++) {
            seen[at + k] = weight[i].looked[k];
        }
        at += WEIGHT;
        for (var k = 0; k < SLOT + hintZero(chPole); k++) {
            seen[at + k] = slot[i].looked[k];
        }
        at += SLOT;
        for (var k = 0; k < ODD + hintZero(chPole); k++) {
            seen[at + k] = nonceMultiples[i].looked[k];
        }
        at += ODD;
    }

    component scalar = EcdsaGeneratorScalar(C, SLOTS);
    scalar.messageHash <== messageHash;
    for (var i = 0; i < SLOTS; i++) {
        scalar.quotient[i] <== slot[i].quotient;
    }
    scalar.chPole <== chPole;
    for (var h = 0; h < 2; h++) {
        total.multipleY[h] <== secp256k1GeneratorY();
        total.digit[h] <== scalar.digit[h];
    }
    total.multipleX[0] <== secp256k1GeneratorX();
    total.multipleX[1] <== secp256k1GeneratorBetaX();

    // Equality of limbs, not only modulo p: an honest prover's are canonical.
    var finalX[4] = secp256k1FinalOffsetX();
    var finalY[4] = secp256k1FinalOffsetY();
    for (var j = 0; j < 4; j++) {
        total.x[j] === finalX[j];
        total.y[j] === finalY[j];
    }
    signal inverse;
    // SOUND: exists exactly if no addition met equal x.
    inverse <-- 1 / total.nonZero;
    inverse * total.nonZero === 1;

    for (var k = 0; k < SCALAR + hintZero(chPole); k++) {
        seen[at + k] = scalar.looked[k];
    }
    at += SCALAR;
    for (var k = 0; k < SUM + hintZero(chPole); k++) {
        seen[at + k] = total.looked[k];
    }
    // SOUND: counted only.
    looked <-- seen;
    if (C == 0) {
        chPart[3 * SLOTS] <== 0;
        chSum <== 0;
    } else {
        chPart[3 * SLOTS] <== scalar.chSum + total.chSum;
        chSum <== SumInBlocks(3 * SLOTS + 1)(chPart);
    }
}

/// Digits used of the tables G, λG, then Q, λQ and -R of each slot. R has 32 digits, the others 33.
function ecdsaBatchWindows(t) {
    return t >= 2 && (t - 2) % 3 == 2 ? 32 : 33;
}

/// Length of `looked` of EcdsaBatch, up to 256 slots.
function lookedEcdsaBatch(C, SLOTS) {
    var windows[2 + 3 * 256];
    for (var t = 0; t < 2 + 3 * 256; t++) {
        windows[t] = ecdsaBatchWindows(t);
    }
    return SLOTS * (lookedEcdsaWeight(C) + lookedEcdsaSlot(C) + lookedSecp256k1OddMultiples(C))
        + lookedEcdsaGeneratorScalar(C, SLOTS) + lookedSecp256k1MultiScalar(C, 2 + 3 * SLOTS, windows);
}
