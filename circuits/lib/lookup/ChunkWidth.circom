pragma circom 2.2.0;

/// @title Widths of range-check chunks
/// @notice C is the one parameter that chooses how a circuit checks ranges: C = 0 bits (plain Groth16), C >= 1 lookups of
///         C-bit chunks (two-round Groth16). All templates split values alike; only the row of a chunk differs.

/// Bits of one chunk: 1 without lookups.
function chunkBits(C) {
    return C == 0 ? 1 : C;
}

/// Chunks that hold BITS bits.
function chunkCount(C, BITS) {
    return (BITS + chunkBits(C) - 1) \ chunkBits(C);
}

/// Least whole number of chunks whose values, 2^(chunks·chunkBits) many, are at least `size` many; size < 2^250.
function chunksForSize(C, size) {
    var chunks = 1;
    while ((1 << (chunks * chunkBits(C))) < size) {
        chunks += 1;
    }
    return chunks;
}

/// Allowed bits of a 64-bit limb: 64 for C = 0 and 16, 65 for C = 13.
function limbBits(C) {
    return chunkBits(C) * chunkCount(C, 64);
}

/// Values that a template hands up for counting. Where chunks are bits there is nothing to count, and one constant 0 stands in: the compiler
/// does not take signals of length 0 in component arrays.
function lookedCount(C, chunks) {
    return C == 0 ? 1 : chunks;
}

/// 0, in a form that the compiler does not evaluate. A loop over hints whose bound contains it is compiled as a loop; otherwise every
/// element is copied at compile time, in time quadratic in the length (20,000 values: 8 s). `looked` arrays are therefore
/// gathered in a `var` by such loops and assigned as a whole.
function hintZero(anySignal) {
    return anySignal & 0;
}
