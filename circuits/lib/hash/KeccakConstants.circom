pragma circom 2.2.0;

// The constants of Keccak-f[1600] (FIPS 202, section 3.2), derived as the standard derives them.
// A lane (x, y) has index x + 5·y.

/// Bytes that Keccak-256 absorbs a permutation.
function keccakRateBytes() {
    return 136;
}

/// The offset of ρ for one lane, 0..63.
function keccakRotation(lane) {
    var x = 1;
    var y = 0;
    var rotation = 0;
    for (var t = 0; t < 24; t++) {
        if (x + 5 * y == lane) {
            rotation = ((t + 1) * (t + 2) \ 2) % 64;
        }
        var nextY = (2 * x + 3 * y) % 5;
        x = y;
        y = nextY;
    }
    return rotation;
}

/// The lane that π moves to the given place.
function keccakSourceLane(lane) {
    var x = lane % 5;
    var y = lane \ 5;
    return (x + 3 * y) % 5 + 5 * x;
}

/// The constants that ι adds, one 64-bit number a round.
function keccakRoundConstants() {
    var constants[24];
    // The LFSR x^8 + x^6 + x^5 + x^4 + 1, seven steps a round; step j of them gives bit 2^j − 1.
    var state = 1;
    for (var round = 0; round < 24; round++) {
        for (var j = 0; j < 7; j++) {
            constants[round] += (state & 1) << ((1 << j) - 1);
            state = state << 1;
            if (state >= 256) {
                state = state ^ 0x171;
            }
        }
    }
    return constants;
}
