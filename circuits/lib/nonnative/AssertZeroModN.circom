pragma circom 2.2.0;

include "lib/curve/Secp256k1Constants.circom";
include "lib/lookup/ChunkWidth.circom";

/// @title AssertZeroModN
/// @notice Σ_k A_k·B_k + Σ_m MULTIPLIER[m]·L_m ≡ 0 modulo n, the order of secp256k1: the form for a modulus without structure.
///
/// Values are polynomials in B = 2^64 with four limbs. Products come as eight values V_i = A(ω^i)·B(ω^i) at the eighth roots of unity
/// (`orderPoint(i, j)` = ω^(ij)): A·B has degree 6 < 8, so interpolation is exact. One row each, written by the owner of the operands.
///
/// The quotient q = q' - B³ has limbs q'_0, q'_1, q'_2 of limbBits(C) bits and q'_3 of TOP chunks; E' = E - q·n has coefficients e_0 … e_6.
/// With U = 2^limbBits(C), all over **allowed** values (so it is complete for every allowed operand, too):
///   operands < U·B³·(1 + 2^-63), products < WEIGHT·U²·B⁶·(1 + 2^-62) = 2^514 at C = 13 (WEIGHT 1); |Σ linear| < LINEAR·2U·B⁷, honest < 2^447
///   quotient   -B³ <= q < WEIGHT·U²·B²·(1 + 2^-61) + B³: honest top limb below 2·WEIGHT·U²/B + 4
///   carries    c_1 = (e_0 + e_1·B)/B², c_2 = (e_2 + e_3·B + c_1)/B², c_3 = (e_4 + c_2)/B, each below K = 2·(|e_j|/B + 2) in size
///
/// @param C chunk bits, 0 for bits
/// @param P number of products, coefficient 1
/// @param WEIGHT Σ_k α_k·β_k where the limbs of A_k, B_k lie in [0, α_k·U), [0, β_k·U)
/// @param M, MULTIPLIER[M][4] linear terms L_m times constants in [-(2^64 - 1), 2^64) for each limb
/// @param LINEAR Σ_m λ_m where the limbs of L_m are below λ_m·U in size; honest terms satisfy Σ |MULTIPLIER[m]·L_m| < 2^447
/// @input product[P][8] V_i of each product; requires: WEIGHT holds for the allowed range of the operands, which are non-negative
/// @input linear[M][4] limbs; requires: LINEAR holds
/// @input chPole z of LookupPole, 0 for bits
/// @output chInverse[…], looked[…] as in RangeCheck
/// @soundness q'_0 is *defined* by E' ≡ 0 modulo r, the carries by their equations modulo r, which hold over the integers because both sides stay
///            below r/2 (asserted). So E' ≡ 0 modulo r and modulo B⁵, gcd(B, r) = 1, and |E'| < 2^(TOP + 451) + LINEAR·2^516 < B⁵·r = 2^573.6: E' = 0.
///            A top limb of TOP >= 126 bits would let false products pass (named test "forge280"): asserted TOP <= 120.
/// @cost C = 13: 21 + 6 + 7 + 7 = 41 rows beside the 8 of a product; C = 16: 17 + 17; C = 0: 258 + 210 (WEIGHT 1, LINEAR 1)
template AssertZeroModN(C, P, WEIGHT, M, MULTIPLIER, LINEAR) {
    var c = chunkBits(C);
    var LIMB = limbBits(C);
    var B = 1 << 64;
    var N[4] = secp256k1Order();
    var CHUNKS[7] = layoutModN(C, WEIGHT, LINEAR);
    assert(WEIGHT >= 1 && WEIGHT < (1 << 16) && LINEAR >= 1 && LINEAR < (1 << 16));
    assert(c * CHUNKS[3] <= 120);
    var TOTAL = 0;
    for (var v = 0; v < 7; v++) {
        TOTAL += CHUNKS[v];
        // A carry of w bits in [-2^(w-1), 2^(w-1)) is at least twice its group's honest size, so group + carries < 2^(w + 129).
        assert(v < 4 || c * CHUNKS[v] + 129 <= 252);
    }

    var LOOKED = lookedCount(C, TOTAL);
    signal input product[P][8];
    signal input linear[M][4];
    signal input chPole;
    signal output chInverse[LOOKED];
    signal output looked[LOOKED];

    if (C == 0) {
        chInverse[0] <== 0;
        // SOUND: not used.
        looked[0] <-- 0;
    }
    var interpolation[8] = secp256k1OrderInverses();
    // Coefficients of E + B³·n; the quotient is taken off below.
    var e[8];
    for (var j = 0; j < 8; j++) {
        e[j] = 0;
        for (var k = 0; k < P; k++) {
            for (var i = 0; i < 8; i++) {
                e[j] += product[k][i] * interpolation[i * j % 8];
            }
        }
        for (var i = 0; i < 4; i++) {
            if (j >= i && j - i < 4) {
                for (var m = 0; m < M; m++) {
                    e[j] += MULTIPLIER[m][i] * linear[m][j - i];
                }
            }
        }
        if (j >= 3 && j < 7) {
            e[j] += N[j - 3];
        }
    }
    // E + B³·n in Fr by Horner's rule.
    var E = 0;
    for (var j = 7; j >= 0; j--) {
        E = E * B + e[j];
    }

    // q'_1 to q'_3 are wires; q'_0 is what the native identity leaves.
    signal quotientUpper[3];
    var q[4] = [E * secp256k1InverseOrder(), 0, 0, 0];
    var hint[4] = hintQuotient(e, N);
    for (var i = 1; i < 4; i++) {
        // SOUND: with q'_0 they form the integer q' that the identities fix; the chunk rows below bound each limb.
        quotientUpper[i - 1] <-- hint[i];
        q[i] = quotientUpper[i - 1];
        q[0] -= q[i] * (1 << (64 * i));
    }
    for (var i = 0; i < 4; i++) {
        for (var j = 0; j < 4; j++) {
            e[i + j] -= q[i] * N[j];
        }
    }
    var shift = secp256k1InverseLimbBase();
    var carry[3];
    carry[0] = (e[0] + e[1] * B) * shift * shift;
    carry[1] = (e[2] + e[3] * B + carry[0]) * shift * shift;
    carry[2] = (e[4] + carry[1]) * shift;

    var value[7];
    for (var v = 0; v < 7; v++) {
        value[v] = v < 4 ? q[v % 4] : carry[(v + 2) % 3] + (1 << (c * CHUNKS[v] - 1));
    }
    signal upper[TOTAL - 7];
    var wire = 0;
    var row = 0;
    var chunk[TOTAL];
    var isLowest[TOTAL];
    for (var v = 0; v < 7; v++) {
        var lowest = value[v];
        for (var k = 1; k < CHUNKS[v]; k++) {
            // SOUND: the chunk rows below bound every digit of value[v]; digits in base 2^c are unique.
            upper[wire] <-- (value[v] >> (c * k)) & ((1 << c) - 1);
            lowest -= upper[wire] * (1 << (c * k));
            chunk[row + k] = upper[wire];
            isLowest[row + k] = 0;
            wire += 1;
        }
        chunk[row] = lowest;
        isLowest[row] = 1;
        row += CHUNKS[v];
    }
    // One division serves all hints: denominators multiplied up, then taken off one by one.
    var multiplied[TOTAL + 1];
    var inverse[TOTAL];
    multiplied[0] = 1;
    for (var i = 0; i < TOTAL; i++) multiplied[i + 1] = multiplied[i] * (chPole - chunk[i]);
    var running = C == 0 ? 0 : 1 / multiplied[TOTAL];
    for (var i = TOTAL - 1; i >= 0; i--) {
        inverse[i] = running * multiplied[i];
        running *= chPole - chunk[i];
    }
    for (var i = 0; i < TOTAL; i++) {
        if (C == 0) {
            chunk[i] * (chunk[i] - 1) === 0;
        } else {
            // SOUND: the row below.
            chInverse[i] <-- inverse[i];
            // The lowest chunk of an expression holds full-size products: kept out of the second factor.
            if (isLowest[i] == 1) {
                (chPole - chunk[i]) * chInverse[i] === 1;
            } else {
                chInverse[i] * (chPole - chunk[i]) === 1;
            }
            // SOUND: counted only.
            looked[i] <-- chunk[i];
        }
    }
}

/// ω^(ij), ω a primitive eighth root of unity in Fr.
function orderPoint(i, j) {
    var points[8] = secp256k1OrderPoints();
    return points[i * j % 8];
}

/// Chunks of q'_0 … q'_3, c_1, c_2, c_3; see AssertZeroModN.
function layoutModN(C, WEIGHT, LINEAR) {
    var U = 1 << limbBits(C);
    var B = 1 << 64;
    var limb = chunkCount(C, 64);
    var top = chunksForSize(C, 2 * WEIGHT * (U * U \ B) + 4);
    var topSize = 1 << (chunkBits(C) * top);
    // |e_j| <= products + linear + limbs of q'·n + n: e_0 to e_2 without q'_3, the others with it.
    var low = 4 * WEIGHT * U * U + 4 * LINEAR * U * B + 3 * U * B + B;
    var high = low + topSize * B;
    var first = chunksForSize(C, 4 * (low \ B + 2));
    var second = chunksForSize(C, 4 * (high \ B + 2));
    return [limb, limb, limb, top, first, second, second];
}

/// Chunks that AssertZeroModN checks: the owner's share of `looked`.
function chunksModN(C, WEIGHT, LINEAR) {
    var layout[7] = layoutModN(C, WEIGHT, LINEAR);
    var total = 0;
    for (var v = 0; v < 7; v++) {
        total += layout[v];
    }
    return total;
}

/// Limbs of (Σ e_j·B^j) / n for an exact non-negative multiple of n with signed coefficients; limb 3 takes the rest.
/// Least limb first: e_0 ≡ q_0·n_0 modulo B, and so on. Nothing else than an exact multiple gives a useful result.
function hintQuotient(e, N) {
    var B = 1 << 64;
    // 1/n_0 modulo B by Newton's iteration, 64 correct bits after five turns from n_0·n_0 ≡ 1 modulo 8.
    var inverse = N[0];
    for (var i = 0; i < 5; i++) {
        inverse = (inverse * ((2 + B * B - N[0] * inverse % B) % B)) % B;
    }
    var rest[8];
    for (var j = 0; j < 8; j++) {
        rest[j] = e[j];
    }
    var q[4];
    for (var i = 0; i < 4; i++) {
        var digit = (((rest[i] + (1 << 240)) % B) * inverse) % B;
        q[i] = digit;
        for (var j = 0; j < 4; j++) {
            rest[i + j] -= digit * N[j];
        }
        rest[i + 1] += ((rest[i] + (1 << 240)) >> 64) - (1 << 176);
    }
    // What is left, a multiple of B⁴·n, is B⁴·n times the excess of the top limb over B.
    var left = rest[4] + rest[5] * B + rest[6] * B * B + rest[7] * B * B * B;
    var order = N[0] + N[1] * B + N[2] * B * B + N[3] * B * B * B;
    q[3] += left / order * B;
    return q;
}
