pragma circom 2.2.0;

include "lib/curve/Secp256k1Constants.circom";
include "lib/nonnative/BigIntHints.circom";

/// @title GLV digits (hint)
/// @notice Digits b_0 … b_32 of k1 and b_33 … b_65 of k2, each k = Σ (2·b_w - 15)·16^w, with k1 + λ·k2 ≡ scalar modulo n. Such k are the odd integers
///         below 16^33 = 2^132 in size; rounding gives halves below 2^127.4, and adding two lattice vectors makes both odd.
/// @return a hint: whoever uses the digits enforces k1 + λ·k2 ≡ scalar (AssertZeroModN), which needs no bound on the halves
function hintGlvDigits(scalar) {
    var lattice[4][2] = secp256k1Lattice();
    var factor1[4] = secp256k1LatticeFactor1();
    var factor2[4] = secp256k1LatticeFactor2();
    var value = scalar[0] + scalar[1] * (1 << 64) + scalar[2] * (1 << 128) + scalar[3] * (1 << 192);
    var c1 = hintScaledProduct(scalar, factor1);
    var c2 = hintScaledProduct(scalar, factor2);
    // The halves are integers below 2^128 in size, so the native field holds them exactly though `value` wraps.
    var half[2];
    half[0] = value - c1 * lattice[0][0] - c2 * lattice[1][0];
    half[1] = -c1 * lattice[0][1] - c2 * lattice[1][1];
    // lattice[2] has parities (1, 1), lattice[3] has (0, 1); the even 2^140 makes a half non-negative.
    if (((half[0] + (1 << 140)) & 1) == 0) {
        half[0] += lattice[2][0];
        half[1] += lattice[2][1];
    }
    if (((half[1] + (1 << 140)) & 1) == 0) {
        half[0] += lattice[3][0];
        half[1] += lattice[3][1];
    }
    var digits[66];
    for (var h = 0; h < 2; h++) {
        var nibbles = (half[h] + (1 << 132) - 1) / 2;
        for (var w = 0; w < 33; w++) {
            digits[33 * h + w] = (nibbles >> (4 * w)) & 15;
        }
    }
    return digits;
}

/// round(a·b / 2^320) for four 64-bit limbs each.
function hintScaledProduct(a, b) {
    var product[8] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (var i = 0; i < 4; i++) {
        for (var j = 0; j < 4; j++) {
            product[i + j] += a[i] * b[j];
        }
    }
    product[4] += 1 << 63;
    var limbs[9] = hintCarry(product);
    return limbs[5] + limbs[6] * (1 << 64) + limbs[7] * (1 << 128);
}

/// Signed limbs of Σ (2·digit_w - 15)·16^w as an expression: 16 digits a limb, each limb below 2^64 in size.
function glvLimbs(digit) {
    var limbs[4] = [0, 0, 0, 0];
    for (var w = 0; w < 33; w++) {
        limbs[w \ 16] += (2 * digit[w] - 15) * (1 << (4 * (w % 16)));
    }
    return limbs;
}
