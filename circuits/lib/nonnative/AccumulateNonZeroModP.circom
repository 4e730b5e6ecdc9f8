pragma circom 2.2.0;

include "lib/curve/Secp256k1Constants.circom";
include "lib/lookup/ChunkWidth.circom";

/// @title AccumulateNonZeroModP
/// @notice Multiplies an accumulator by a value that is zero whenever a ≡ b modulo p. One inverse of the final accumulator then shows that
///         no pair of a whole chain was equal.
/// @param C chunk bits, 0 for bits
/// @input a[4], b[4] limbs, allowed [0, 2^limbBits(C)); requires: range-checked by the owner
/// @input accumulator any field element
/// @output out accumulator·Π_{m <= k} (Δ² - m²p²)·…, k = 1 for 64-bit limbs, 2 for 65-bit limbs
/// @soundness Δ = a - b as an integer is below 2^257·(1 + 2^-63) in size for 65-bit limbs and below 2^256 for 64-bit ones, so a ≡ b only for Δ in
///            {0, ±p, ±2p}, or {0, ±p}: each makes the factor zero modulo r. Exact for soundness; a Δ that merely agrees with one of
///            these modulo r is refused too, which an honest prover meets with probability below 2^-250
/// @cost 4 rows for 65-bit limbs, 3 for 64-bit ones
template AccumulateNonZeroModP(C) {
    var WIDE = limbBits(C) > 64;
    assert(limbBits(C) <= 65);
    signal input a[4];
    signal input b[4];
    signal input accumulator;
    signal output out;

    var p = secp256k1PrimeInField();
    var difference = 0;
    for (var i = 0; i < 4; i++) {
        difference += (a[i] - b[i]) * (1 << (64 * i));
    }
    signal square <== difference * difference;
    signal product[1 + WIDE];
    product[0] <== square * (square - p * p);
    if (WIDE) {
        product[1] <== product[0] * (square - 4 * p * p);
    }
    out <== accumulator * product[WIDE];
}
