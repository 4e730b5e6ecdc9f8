pragma circom 2.2.0;

include "lib/hash/KeccakConstants.circom";

/// @title KeccakPermutationBits
/// @notice Keccak-f[1600] (FIPS 202) on bits. Plain Groth16: needs no challenge.
/// @input state[25][64] {0, 1} requires: binary. Lane (x, y) has index x + 5·y, bit 0 is the lowest.
/// @output out[25][64] binary.
/// @soundness Each gate is one row L·M = N in which the output wire o stands once, in L, and M is not zero for any
///   binary inputs, so o is determined:
///     a ⊕ b ⊕ c         (o + 2a + 2b + 7c)·(a + b − 4c + 1) = 6a + 6b − 24c    M ∈ {1, 2, 3, −3, −2, −1}
///     a ⊕ (¬b ∧ c)      (o + 3a − b − c)·(3 − 4a − b − c) = −4a − 2b           M ∈ {3, 2, 1, −1, −2, −3}
///   ρ and π only rename wires, and ι is written into χ's output (o or 1 − o).
/// @cost 3,840 rows a round, 92,160 in all: 640 for the parities of the columns, 1,600 for θ, 1,600 for χ.
template KeccakPermutationBits() {
    signal input state[25][64];
    signal output out[25][64];

    var constants[24] = keccakRoundConstants();
    signal partial[24][5][64];
    signal parity[24][5][64];
    signal mixed[24][25][64];
    signal round[25][25][64];

    round[0] <== state;
    for (var r = 0; r < 24; r++) {
        for (var x = 0; x < 5; x++) {
            for (var z = 0; z < 64; z++) {
                var a = round[r][x][z];
                var b = round[r][x + 5][z];
                var c = round[r][x + 10][z];
                // SOUND: the next row is the exclusive or of three bits.
                partial[r][x][z] <-- a ^ b ^ c;
                (partial[r][x][z] + 2 * a + 2 * b + 7 * c) * (a + b - 4 * c + 1) === 6 * a + 6 * b - 24 * c;

                var d = partial[r][x][z];
                var e = round[r][x + 15][z];
                var f = round[r][x + 20][z];
                // SOUND: the next row is the exclusive or of three bits.
                parity[r][x][z] <-- d ^ e ^ f;
                (parity[r][x][z] + 2 * d + 2 * e + 7 * f) * (d + e - 4 * f + 1) === 6 * d + 6 * e - 24 * f;
            }
        }
        for (var lane = 0; lane < 25; lane++) {
            for (var z = 0; z < 64; z++) {
                var a = round[r][lane][z];
                // A lane's x is lane mod 5, and 5·y vanishes modulo 5.
                var b = parity[r][(lane + 4) % 5][z];
                var c = parity[r][(lane + 1) % 5][(z + 63) % 64];
                // SOUND: the next row is the exclusive or of three bits.
                mixed[r][lane][z] <-- a ^ b ^ c;
                (mixed[r][lane][z] + 2 * a + 2 * b + 7 * c) * (a + b - 4 * c + 1) === 6 * a + 6 * b - 24 * c;
            }
        }
        for (var lane = 0; lane < 25; lane++) {
            var sourceA = keccakSourceLane(lane);
            var sourceB = keccakSourceLane((lane + 1) % 5 + 5 * (lane \ 5));
            var sourceC = keccakSourceLane((lane + 2) % 5 + 5 * (lane \ 5));
            var shiftA = 64 - keccakRotation(sourceA);
            var shiftB = 64 - keccakRotation(sourceB);
            var shiftC = 64 - keccakRotation(sourceC);
            for (var z = 0; z < 64; z++) {
                var a = mixed[r][sourceA][(z + shiftA) % 64];
                var b = mixed[r][sourceB][(z + shiftB) % 64];
                var c = mixed[r][sourceC][(z + shiftC) % 64];
                var flip = 0;
                if (lane == 0) {
                    flip = (constants[r] >> z) & 1;
                }
                // SOUND: the next row is χ, flipped where ι flips.
                round[r + 1][lane][z] <-- a ^ ((1 - b) & c) ^ flip;
                (flip + (1 - 2 * flip) * round[r + 1][lane][z] + 3 * a - b - c) * (3 - 4 * a - b - c) === -4 * a - 2 * b;
            }
        }
    }
    out <== round[24];
}
