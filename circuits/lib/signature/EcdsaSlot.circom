pragma circom 2.2.0;

include "lib/curve/Secp256k1Constants.circom";
include "lib/curve/Secp256k1GlvDigits.circom";
include "lib/curve/Secp256k1OddMultiples.circom";
include "lib/curve/Secp256k1OnCurve.circom";
include "lib/lookup/RangeCheck.circom";
include "lib/nonnative/AssertBelowOrder.circom";
include "lib/nonnative/AssertZeroModN.circom";
include "lib/nonnative/BigIntHints.circom";
include "lib/nonnative/MultiplyModP.circom";

/// @title EcdsaSlot
/// @notice Everything about one signature but the final sum: ranges, curve membership, t = z/s mod n, the GLV digits of t·r, and the multiples
///         of the key Q and of λQ. The owner sums z·u1·G + z·u2·Q - z·R with z·u1 = t·h and z·u2 = t·r.
/// @param C chunk bits, 0 for bits
/// @input r[4], s[4] limbs of integers in [1, n - 1], enforced here; high s is accepted, as by Ethereum's key recovery
/// @input noncePointY[4] limbs of the y of R = (r, y), a point of the curve, enforced here; R.x = r + n is refused
/// @input publicKeyX[4], publicKeyY[4] limbs of Q, a point of the curve, enforced here; limbs allowed [0, 2^limbBits(C)), not canonical
/// @input weight[2] signed limbs of z = weight_0 + weight_1·2^64, each below 2^64 in size; requires: z ≢ 0 modulo n, z = ±1 or from EcdsaWeight
/// @input chPole z of LookupPole, 0 for bits
/// @output quotient[4] limbs of t ≡ z/s modulo n, allowed [0, 2^limbBits(C))
/// @output digit[2][33] k1 and k2 with k1 + λ·k2 ≡ t·r modulo n; requires: each in [0, 16), enforced by Secp256k1WindowTable
/// @output multipleX[2][8][4], multipleY[8][4] odd multiples of Q and of λQ = (βx, y), which share y
/// @output chSum, looked[…] as in Secp256k1AddUnchecked
/// @soundness s ≡ 0 would give 0 ≡ z. r ≡ 0 is refused since no point has x = 0 and r < n
/// @cost C = 13: 1,568 rows and 58 linear
template EcdsaSlot(C) {
    var LIMB_CHUNKS = chunkCount(C, 64);
    var RANGES = lookedCount(C, 24 * LIMB_CHUNKS);
    var BELOW = lookedCount(C, 4 * LIMB_CHUNKS + 1);
    var CURVE = lookedSecp256k1OnCurve(C);
    var MODN = lookedCount(C, chunksModN(C, 1, 2));
    var ODD = lookedSecp256k1OddMultiples(C);
    var MUL = lookedMultiplyModP(C);
    signal input r[4];
    signal input s[4];
    signal input noncePointY[4];
    signal input publicKeyX[4];
    signal input publicKeyY[4];
    signal input weight[2];
    signal input chPole;
    signal output quotient[4];
    signal output digit[2][33];
    signal output multipleX[2][8][4];
    signal output multipleY[8][4];
    signal output chSum;
    signal output looked[RANGES + 2 * BELOW + 2 * CURVE + 2 * MODN + ODD + 8 * MUL];

    var weightLimbs[4] = [weight[0], weight[1], 0, 0];
    var inverseOfS[4] = hintInverse(hintNormalise(s, secp256k1OrderComplement()), secp256k1Order(),
        secp256k1OrderComplement(), secp256k1InverseOfTwoTo512ModN());
    // SOUND: range-checked below; t·s ≡ z modulo n makes it unique there.
    quotient <-- hintMultiply(weightLimbs, inverseOfS, secp256k1OrderComplement());
    var digits[66] = hintGlvDigits(hintMultiply(quotient, r, secp256k1OrderComplement()));
    for (var h = 0; h < 2; h++) {
        for (var w = 0; w < 33; w++) {
            // SOUND: k1 + λ·k2 ≡ t·r below; any digits that satisfy it give the same point.
            digit[h][w] <-- digits[33 * h + w];
        }
    }

    component range = RangeCheck(C, 24, LIMB_CHUNKS);
    var ranged[6][4] = [r, s, noncePointY, publicKeyX, publicKeyY, quotient];
    for (var v = 0; v < 6; v++) {
        for (var j = 0; j < 4; j++) {
            range.value[4 * v + j] <== ranged[v][j];
        }
    }
    range.chPole <== chPole;

    component below[2];
    component onCurve[2];
    for (var k = 0; k < 2; k++) {
        below[k] = AssertBelowOrder(C);
        below[k].chPole <== chPole;
        onCurve[k] = Secp256k1OnCurve(C);
        onCurve[k].chPole <== chPole;
    }
    below[0].value <== r;
    below[1].value <== s;
    onCurve[0].x <== r;
    onCurve[0].y <== noncePointY;
    onCurve[1].x <== publicKeyX;
    onCurve[1].y <== publicKeyY;

    // t·s - z ≡ 0 and t·r - k1 - λ·k2 ≡ 0 modulo n.
    var lambda[4] = secp256k1Lambda();
    component zero[2];
    zero[0] = AssertZeroModN(C, 1, 1, 1, [[-1, 0, 0, 0]], 2);
    zero[1] = AssertZeroModN(C, 1, 1, 2, [[-1, 0, 0, 0], [-lambda[0], -lambda[1], -lambda[2], -lambda[3]]], 2);
    for (var i = 0; i < 8; i++) {
        var atT = 0;
        var atS = 0;
        var atR = 0;
        for (var j = 0; j < 4; j++) {
            atT += quotient[j] * orderPoint(i, j);
            atS += s[j] * orderPoint(i, j);
            atR += r[j] * orderPoint(i, j);
        }
        zero[0].product[0][i] <== atT * atS;
        zero[1].product[0][i] <== atT * atR;
    }
    zero[0].linear <== [[weight[0], weight[1], 0, 0]];
    for (var h = 0; h < 2; h++) {
        zero[h].chPole <== chPole;
        var limb[4] = glvLimbs(digit[h]);
        for (var j = 0; j < 4; j++) {
            zero[1].linear[h][j] <== limb[j];
        }
    }

    component odd = Secp256k1OddMultiples(C);
    odd.x <== publicKeyX;
    odd.y <== publicKeyY;
    odd.chPole <== chPole;
    component image[8];
    multipleX[0] <== odd.multipleX;
    multipleY <== odd.multipleY;
    for (var m = 0; m < 8; m++) {
        image[m] = MultiplyModP(C);
        image[m].a <== odd.multipleX[m];
        image[m].b <== secp256k1Beta();
        image[m].chPole <== chPole;
        multipleX[1][m] <== image[m].out;
    }

    var sum = odd.chSum + onCurve[0].chSum + onCurve[1].chSum;
    var at = 0;
    for (var i = 0; i < RANGES; i++) {
        sum += range.chInverse[i];
        looked[at + i] <-- range.looked[i];
    }
    at += RANGES;
    for (var k = 0; k < 2; k++) {
        for (var i = 0; i < BELOW; i++) {
            sum += below[k].chInverse[i];
            looked[at + i] <-- below[k].looked[i];
        }
        at += BELOW;
        for (var i = 0; i < CURVE; i++) {
            looked[at + i] <-- onCurve[k].looked[i];
        }
        at += CURVE;
        for (var i = 0; i < MODN; i++) {
            sum += zero[k].chInverse[i];
            looked[at + i] <-- zero[k].looked[i];
        }
        at += MODN;
    }
    for (var i = 0; i < ODD; i++) {
        looked[at + i] <-- odd.looked[i];
    }
    at += ODD;
    for (var m = 0; m < 8; m++) {
        sum += image[m].chSum;
        for (var i = 0; i < MUL; i++) {
            looked[at + i] <-- image[m].looked[i];
        }
        at += MUL;
    }
    chSum <== C == 0 ? 0 : sum;
}

/// Length of `looked` of EcdsaSlot.
function lookedEcdsaSlot(C) {
    return lookedCount(C, 24 * chunkCount(C, 64)) + 2 * lookedCount(C, 4 * chunkCount(C, 64) + 1) + 2 * lookedSecp256k1OnCurve(C)
        + 2 * lookedCount(C, chunksModN(C, 1, 2)) + lookedSecp256k1OddMultiples(C) + 8 * lookedMultiplyModP(C);
}
