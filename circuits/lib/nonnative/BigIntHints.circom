pragma circom 2.2.0;

include "lib/curve/Secp256k1Constants.circom";

/// @title Big-integer hints
/// @notice Unconstrained arithmetic modulo M = 2^256 - complement, used to compute hints only: nothing here adds a row, and
///         every value that it returns is constrained where it is assigned. Integers are lists of base-2^64 coefficients, least first.

/// Carries signed coefficients, each below 2^239 in size, into eight limbs in [0, 2^64) and a signed rest.
/// @return nine values: limbs 0 to 7, then the coefficient of 2^512
function hintCarry(coefficients) {
    var limbs[9];
    var carry = 0;
    var offset = 1 << 240;
    var carryOffset = 1 << 176;
    var mask = (1 << 64) - 1;
    for (var i = 0; i < 8; i++) {
        // The offset makes the value non-negative, so that >> rounds down.
        var shifted = coefficients[i] + carry + offset;
        limbs[i] = shifted & mask;
        carry = (shifted >> 64) - carryOffset;
    }
    limbs[8] = carry;
    return limbs;
}

/// The value of eight signed coefficients modulo M = 2^256 - complement.
/// @return four limbs of the remainder in [0, M)
function hintReduce(coefficients, complement) {
    var limbs[9] = hintCarry(coefficients);
    var folded[8];
    // 2^256 = complement modulo M. Each turn shortens the value by at least 126 bits until it lies in [0, 2^256).
    while (limbs[4] != 0 || limbs[5] != 0 || limbs[6] != 0 || limbs[7] != 0 || limbs[8] != 0) {
        for (var i = 0; i < 8; i++) {
            folded[i] = i < 4 ? limbs[i] : 0;
        }
        for (var i = 0; i < 5; i++) {
            for (var j = 0; j < 3; j++) {
                folded[i + j] += limbs[4 + i] * complement[j];
            }
        }
        limbs = hintCarry(folded);
    }
    // value >= M exactly if value + complement >= 2^256.
    for (var i = 0; i < 8; i++) {
        folded[i] = i < 4 ? limbs[i] : 0;
        if (i < 3) {
            folded[i] += complement[i];
        }
    }
    var raised[9] = hintCarry(folded);
    var remainder[4];
    for (var i = 0; i < 4; i++) {
        remainder[i] = raised[4] != 0 ? raised[i] : limbs[i];
    }
    return remainder;
}

/// Product of two four-limb values modulo M = 2^256 - complement; limbs may be signed, below 2^100 in size.
function hintMultiply(a, b, complement) {
    var product[8];
    for (var i = 0; i < 8; i++) {
        product[i] = 0;
    }
    for (var i = 0; i < 4; i++) {
        for (var j = 0; j < 4; j++) {
            product[i + j] += a[i] * b[j];
        }
    }
    return hintReduce(product, complement);
}

/// Four signed limbs modulo M.
function hintNormalise(a, complement) {
    var wide[8] = [a[0], a[1], a[2], a[3], 0, 0, 0, 0];
    return hintReduce(wide, complement);
}

/// Inverse modulo a prime M by Kaliski's almost inverse, in words of 128 bits.
///
/// @param a canonical limbs; returns 0 for 0
/// @param inverse512 limbs of 2^-512 mod M
function hintInverse(a, modulus, complement, inverse512) {
    var word = (1 << 128) - 1;
    var uLow = modulus[0] + modulus[1] * (1 << 64);
    var uHigh = modulus[2] + modulus[3] * (1 << 64);
    var vLow = a[0] + a[1] * (1 << 64);
    var vHigh = a[2] + a[3] * (1 << 64);
    var rLow = 0;
    var rHigh = 0;
    var sLow = 1;
    var sHigh = 0;
    var shifts = 0;
    // r and s never reach 2M, so their high words may hold 129 bits.
    while (vLow != 0 || vHigh != 0) {
        if ((uLow & 1) == 0) {
            uLow = (uLow >> 1) + ((uHigh & 1) << 127);
            uHigh = uHigh >> 1;
            sLow = sLow + sLow;
            sHigh = sHigh + sHigh + (sLow >> 128);
            sLow = sLow & word;
        } else if ((vLow & 1) == 0) {
            vLow = (vLow >> 1) + ((vHigh & 1) << 127);
            vHigh = vHigh >> 1;
            rLow = rLow + rLow;
            rHigh = rHigh + rHigh + (rLow >> 128);
            rLow = rLow & word;
        } else if (uHigh > vHigh || (uHigh == vHigh && uLow > vLow)) {
            var low = uLow + word + 1 - vLow;
            var high = uHigh - vHigh - 1 + (low >> 128);
            uLow = ((low & word) >> 1) + ((high & 1) << 127);
            uHigh = high >> 1;
            rLow = rLow + sLow;
            rHigh = rHigh + sHigh + (rLow >> 128);
            rLow = rLow & word;
            sLow = sLow + sLow;
            sHigh = sHigh + sHigh + (sLow >> 128);
            sLow = sLow & word;
        } else {
            var low = vLow + word + 1 - uLow;
            var high = vHigh - uHigh - 1 + (low >> 128);
            vLow = ((low & word) >> 1) + ((high & 1) << 127);
            vHigh = high >> 1;
            sLow = sLow + rLow;
            sHigh = sHigh + rHigh + (sLow >> 128);
            sLow = sLow & word;
            rLow = rLow + rLow;
            rHigh = rHigh + rHigh + (rLow >> 128);
            rLow = rLow & word;
        }
        shifts += 1;
    }
    // a·r = -2^shifts modulo M, with shifts in [256, 512] (0 for a = 0): the limb that holds 2^(512 - shifts) may have 65 bits.
    var rest = shifts == 0 ? 0 : 512 - shifts;
    var limb = rest < 256 ? rest \ 64 : 3;
    var power[4] = [0, 0, 0, 0];
    power[limb] = 1 << (rest - 64 * limb);
    var half = (1 << 64) - 1;
    var negated[4] = [-(rLow & half), -(rLow >> 64), -(rHigh & half), -(rHigh >> 64)];
    var scaled[4] = hintMultiply(negated, power, complement);
    return hintMultiply(scaled, inverse512, complement);
}

/// numerator/denominator modulo secp256k1's p; four signed limbs each, below 2^100 in size. 0 for a zero denominator.
function hintDivideModP(numerator, denominator) {
    var inverse[4] = hintInverse(hintNormalise(denominator, secp256k1PrimeComplement()), secp256k1Prime(),
        secp256k1PrimeComplement(), secp256k1InverseOfTwoTo512ModP());
    return hintMultiply(numerator, inverse, secp256k1PrimeComplement());
}

/// a·b + c modulo secp256k1's p; four signed limbs each.
function hintMultiplyAddModP(a, b, c) {
    var product[4] = hintMultiply(a, b, secp256k1PrimeComplement());
    var sum[4];
    for (var i = 0; i < 4; i++) {
        sum[i] = product[i] + c[i];
    }
    return hintNormalise(sum, secp256k1PrimeComplement());
}
