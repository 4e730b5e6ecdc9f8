pragma circom 2.2.0;

include "lib/curve/Secp256k1Constants.circom";
include "lib/lookup/ChunkWidth.circom";

/// @title AssertZeroModP
/// @notice Σ_k SIGN[k]·A_k·B_k + Σ_m COEFFICIENT[m]·L_m + CONSTANT ≡ 0 modulo p = 2^256 - κ, κ = 2^32 + 977 (secp256k1's field).
///
/// Values are polynomials in B = 2^64 with four limbs. Products come as four values V_i = A(ρ_i)·B(ρ_i) at the fourth roots ρ_i of κ in Fr
/// (`foldPoint(i, j)` = ρ_i^j): one row each, written by the owner of the operands, whose differences then cost nothing. Interpolation
/// gives the coefficients of A·B mod t⁴ - κ, and B⁴ ≡ κ modulo p. Any number of products share one quotient and one carry.
///
/// With U = 2^limbBits(C) (65 bits for C = 13, else 64), all over **allowed** values (so it is complete for every allowed operand, too):
///   e_j = coefficient j < WEIGHT·U²·((j + 1) + κ·(3 - j)) + LINEAR·U in size            E = Σ e_j·B^j ≡ the sum modulo p
///   quotient  q = E/p,                      |q| <= 5·WEIGHT·U²/B + 2·LINEAR + 2 =: Q    looked up as q + Q0 in [0, 2^QUOTIENT)
///   carry     c = (e_0 + κq + e_1·B)/B²,    |c| <= (2κ + 4)·WEIGHT·U²/B + 4·LINEAR + 2 =: K    looked up as c + K0 in [0, 2^CARRY)
///   The honest quotient needs log2(2Q) bits (70 of 78 allowed at C = 13, WEIGHT 1), the honest carry log2(2K) (101 of 104).
///
/// @param C chunk bits, 0 for bits
/// @param P, SIGN[P] number of products and their integer coefficients
/// @param WEIGHT Σ_k |SIGN[k]|·α_k·β_k where the limbs of A_k, B_k are below α_k·U, β_k·U in size
/// @param M, COEFFICIENT[M] number of linear terms and their integer coefficients
/// @param LINEAR Σ_m |COEFFICIENT[m]|·λ_m where the limbs of L_m are below λ_m·U in size
/// @param CONSTANT integer, below 2^32 in size
/// @input product[P][4] V_i of each product; requires: WEIGHT holds for the allowed range of the operands
/// @input linear[M][4] limbs; requires: LINEAR holds for their allowed range
/// @input chPole z of LookupPole, 0 for bits
/// @output chInverse[…], looked[…] as in RangeCheck
/// @soundness q and c are *defined* by E' = E - q·p ≡ 0 modulo r and e_0 + κq + e_1·B = c·B² modulo r; the second holds over the integers as both
///            sides together stay below 2^(CARRY + 129) <= 2^253 < r. So E' ≡ 0 modulo r and modulo B² (q·B⁴ vanishes there), gcd(B, r) = 1,
///            and |E'| < 2^(QUOTIENT + 257) < B²·r = 2^381.6: E' = 0. One chunk more would still be sound here up to QUOTIENT = 124.
/// @cost (QUOTIENT + CARRY)/c rows: 6 + 8 at C = 13, 5 + 7 at C = 16 (WEIGHT <= 8), 68 + 99 bits at C = 0
template AssertZeroModP(C, P, SIGN, WEIGHT, M, COEFFICIENT, LINEAR, CONSTANT) {
    var c = chunkBits(C);
    var U = 1 << limbBits(C);
    var B = 1 << 64;
    var KAPPA = secp256k1Kappa();
    var QUOTIENT_CHUNKS = chunksForSize(C, 2 * quotientBoundModP(U, WEIGHT, LINEAR));
    var CARRY_CHUNKS = chunksForSize(C, 2 * carryBoundModP(U, WEIGHT, LINEAR));
    var CHUNKS = QUOTIENT_CHUNKS + CARRY_CHUNKS;
    assert(WEIGHT >= 1 && WEIGHT < (1 << 16) && LINEAR < (1 << 32) && CONSTANT < (1 << 32));
    assert(c * QUOTIENT_CHUNKS + 257 <= 381);
    assert(c * CARRY_CHUNKS + 129 <= 253);

    var LOOKED = lookedCount(C, CHUNKS);
    signal input product[P][4];
    signal input linear[M][4];
    signal input chPole;
    signal output chInverse[LOOKED];
    signal output looked[LOOKED];

    if (C == 0) {
        chInverse[0] <== 0;
        // SOUND: not used.
        looked[0] <-- 0;
    }
    for (var m = 0; m < M; m++) {
        for (var j = 0; j < 4 && COEFFICIENT[m] == 0; j++) {
            _ <== linear[m][j];
        }
    }
    var interpolation[4][4] = secp256k1FoldInverses();
    var e[4];
    for (var j = 0; j < 4; j++) {
        e[j] = j == 0 ? CONSTANT : 0;
        for (var k = 0; k < P; k++) {
            for (var i = 0; i < 4; i++) {
                e[j] += SIGN[k] * product[k][i] * interpolation[i][j];
            }
        }
        for (var m = 0; m < M; m++) {
            e[j] += COEFFICIENT[m] * linear[m][j];
        }
    }
    // E/p and (e_0 + κ·q + e_1·B)/B² in Fr.
    var quotient = (e[0] + e[1] * B + e[2] * (1 << 128) + e[3] * (1 << 192)) * secp256k1InversePrime();
    var carry = (e[0] + KAPPA * quotient + e[1] * B) * secp256k1InverseLimbBase() * secp256k1InverseLimbBase();

    signal upper[CHUNKS - 2];
    var chunks[2] = [QUOTIENT_CHUNKS, CARRY_CHUNKS];
    var shifted[2] = [quotient + (1 << (c * QUOTIENT_CHUNKS - 1)), carry + (1 << (c * CARRY_CHUNKS - 1))];
    var wire = 0;
    var row = 0;
    var chunk[CHUNKS];
    var isLowest[CHUNKS];
    for (var v = 0; v < 2; v++) {
        var lowest = shifted[v];
        for (var k = 1; k < chunks[v]; k++) {
            // SOUND: the chunk rows below bound every digit of shifted[v], which E fixes; digits in base 2^c are unique.
            upper[wire] <-- (shifted[v] >> (c * k)) & ((1 << c) - 1);
            lowest -= upper[wire] * (1 << (c * k));
            chunk[row + k] = upper[wire];
            isLowest[row + k] = 0;
            wire += 1;
        }
        chunk[row] = lowest;
        isLowest[row] = 1;
        row += chunks[v];
    }
    // One division serves all hints: denominators multiplied up, then taken off one by one.
    var multiplied[CHUNKS + 1];
    var inverse[CHUNKS];
    multiplied[0] = 1;
    for (var i = 0; i < CHUNKS; i++) multiplied[i + 1] = multiplied[i] * (chPole - chunk[i]);
    var running = C == 0 ? 0 : 1 / multiplied[CHUNKS];
    for (var i = CHUNKS - 1; i >= 0; i--) {
        inverse[i] = running * multiplied[i];
        running *= chPole - chunk[i];
    }
    for (var i = 0; i < CHUNKS; i++) {
        if (C == 0) {
            chunk[i] * (chunk[i] - 1) === 0;
        } else {
            // SOUND: the row below.
            chInverse[i] <-- inverse[i];
            // The lowest chunk holds the full-size products, which are kept out of the second factor: its wires reach the G2 sum.
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

/// ρ_i^j for the i-th fourth root of κ in Fr.
function foldPoint(i, j) {
    var points[4][4] = secp256k1FoldPoints();
    return points[i][j];
}

/// Q of AssertZeroModP: |E|/p < WEIGHT·U²·(4 + 2^-28)/B·(1 + 2^-200) + …
function quotientBoundModP(U, WEIGHT, LINEAR) {
    return 5 * WEIGHT * (U * U \ (1 << 64)) + 2 * LINEAR + 2;
}

/// K of AssertZeroModP; U/B <= 2, and κ·q/B² adds less than 1.
function carryBoundModP(U, WEIGHT, LINEAR) {
    return (2 * secp256k1Kappa() + 4) * WEIGHT * (U * U \ (1 << 64)) + 4 * LINEAR + 2;
}

/// Chunks that AssertZeroModP checks: the owner's share of `looked`.
function chunksModP(C, WEIGHT, LINEAR) {
    var U = 1 << limbBits(C);
    return chunksForSize(C, 2 * quotientBoundModP(U, WEIGHT, LINEAR)) + chunksForSize(C, 2 * carryBoundModP(U, WEIGHT, LINEAR));
}
