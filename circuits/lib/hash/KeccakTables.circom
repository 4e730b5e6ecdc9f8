pragma circom 2.2.0;

// The lookup tables of Keccak-256, as functions: one set of four tables under one balance, told apart by a tag.
//
//   tag  key                                 image                      rows
//   1    5 digits 0..5                       the parity of each digit   6^5   parities of columns
//   2    7 digits 0..3                       the parity of each digit   4^7   θ, ι and absorption
//   3    6 digits 0..4                       bit 1 of each digit        5^6   χ
//   4    a byte                              its bits, as digits        256   bytes of messages and digests
//
// Digits are in base 8. A row is (key, image, tag), folded to key + x·image + x²·tag.

function keccakColumnTag() { return 1; }
function keccakParityTag() { return 2; }
function keccakChiTag() { return 3; }
function keccakByteTag() { return 4; }

/// Digits of a key (the byte counts as one digit).
function keccakDigits(tag) {
    if (tag == 1) { return 5; }
    if (tag == 2) { return 7; }
    if (tag == 3) { return 6; }
    return 1;
}

/// Values that each digit of a key takes.
function keccakRadix(tag) {
    if (tag == 1) { return 6; }
    if (tag == 2) { return 4; }
    if (tag == 3) { return 5; }
    return 256;
}

/// Row at which each table begins, by its tag; starts[5] is the number of all rows.
function keccakTableStarts() {
    var starts[6];
    for (var tag = 1; tag <= 4; tag++) {
        var size = 1;
        for (var i = 0; i < keccakDigits(tag); i++) {
            size *= keccakRadix(tag);
        }
        starts[tag + 1] = starts[tag] + size;
    }
    return starts;
}

/// Rows of all four tables.
function keccakRows() {
    var starts[6] = keccakTableStarts();
    return starts[5];
}

/// What a key maps to.
function keccakImage(tag, key) {
    var image = 0;
    if (tag == 4) {
        for (var i = 0; i < 8; i++) {
            image += ((key >> i) & 1) << (3 * i);
        }
        return image;
    }
    // A one in each of seven digits.
    var ones = ((1 << 21) - 1) \ 7;
    if (tag == 3) { return (key >> 1) & ones; }
    return key & ones;
}

// Lookups are handed to the counting of multiplicities as numbers below 2^24, the tag above the 21 bits of the key, ten in a
// field element: a tenth of the signals for the compiler. These are hints; no constraint holds them.

function keccakLooked(tag, key) {
    return tag * (1 << 21) + (key & ((1 << 21) - 1));
}

function keccakPacked(lookups) {
    return (lookups + 9) \ 10;
}

/// What three digits of a key add to its row, counted over all four tables: [group][digits], lowest group first, the first row in its values. Digits that a
/// key does not have add nothing, and those out of range count modulo the radix: every sum is a row.
function keccakPlaces(tag, start) {
    var place[3][512];
    var radix = keccakRadix(tag);
    var weight = 1;
    for (var group = 0; group < 3; group++) {
        for (var digits = 0; digits < 512; digits++) {
            var value = 0;
            var scale = weight;
            for (var i = 0; i < 3; i++) {
                if (3 * group + i < keccakDigits(tag)) {
                    value += ((digits >> (3 * i)) & 7) % radix * scale;
                    scale *= radix;
                }
            }
            // A byte is one digit of eight bits.
            if (tag == 4) {
                value = group == 0 ? digits & 255 : 0;
            }
            place[group][digits] = value + (group == 0 ? start : 0);
        }
        weight *= radix ** 3;
    }
    return place;
}

/// Columns' parities: chunks a column, the last of them being digit 63 alone.
function keccakColumnChunks() { return 14; }

/// Chunks that a segment of so many digits takes in a table.
function keccakChunks(tag, digits) {
    return (digits + keccakDigits(tag) - 1) \ keccakDigits(tag);
}

/// Lookups of θ's 25 lanes in one round: each lane is cut where ρ cuts it.
function keccakThetaLookups() {
    var count = 0;
    for (var lane = 0; lane < 25; lane++) {
        var rotation = keccakRotation(lane);
        count += keccakChunks(2, 64 - rotation) + keccakChunks(2, rotation);
    }
    return count;
}

/// Six bits of one of ι's constants, as digits.
function keccakConstantChunk(constant, chunk) {
    var value = 0;
    for (var i = 0; i < 6; i++) {
        value += ((constant >> (6 * chunk + i)) & 1) << (3 * i);
    }
    return value;
}

/// Lookups of one round, but for ι's: one for each chunk of six bits in which its constant has a one.
function keccakRoundLookups() {
    return 5 * keccakColumnChunks() + keccakThetaLookups() + 25 * keccakChunks(3, 64);
}

/// Lookups of ι in all rounds.
function keccakIotaLookups() {
    var constants[24] = keccakRoundConstants();
    var count = 0;
    for (var round = 0; round < 24; round++) {
        for (var j = 0; j < 11; j++) {
            if (((constants[round] >> (6 * j)) & 63) != 0) {
                count++;
            }
        }
    }
    return count;
}

/// Lookups of one permutation.
function keccakPermutationLookups() {
    return 24 * keccakRoundLookups() + keccakIotaLookups();
}

/// Lookups of one permutation whose key is no wire: the lowest chunk of 5 columns and 50 lanes, and ι's.
function keccakPermutationExpressions() {
    return 24 * 55 + keccakIotaLookups();
}
