pragma circom 2.2.0;

include "lib/curve/Secp256k1Constants.circom";
include "lib/curve/Secp256k1OnCurve.circom";
include "lib/hash/Keccak256Lookups.circom";
include "lib/lookup/ChunkWidth.circom";
include "lib/nonnative/AssertBelowPrime.circom";

/// Bytes of an uncompressed public key without its prefix.
function keyBytes() {
    return 64;
}

/// @title AssertKeyOfAddress
/// @notice Where known, a public key of secp256k1 belongs to an address: the last 20 bytes of keccak256(X ‖ Y), both 32 bytes big-endian. An
///         unknown key is zero.
/// @param C chunk bits, at least 1
/// @input known requires: 0 or 1
/// @input identity the address, equal to the hash's 20 bytes where known, enforced here; any field element where not
/// @input key[4] (xLo, xHi, yLo, yHi): halves [0, 2^128) of coordinates below p, of a point of the curve, where known; zero where not: enforced here
/// @input chPole, chX, chX2 the pole x^E (`LookupPole`, LOG_E ≥ 24), x and x²; requires: computed so from the challenge x.
/// @output chSum, looked[…] of the chunks of C bits. requires: the top template balances them with `RangeTable`.
/// @output chKeccakSum, keccakLooked[…] of the hash. requires: the top template balances them with `KeccakTable`.
/// @soundness Where unknown, all checks run on the generator G instead, so every wire is fixed in either case. `known` itself is: a zero key is not
///     on the curve, any other one is refused where unknown. Bytes are looked up as such in Keccak's table; 16 of them stay below
///     2^128, so halves and limbs have one reading.
/// @cost C = 13: 29,238 rows, 29,133 of them for the hash
template AssertKeyOfAddress(C) {
    assert(C >= 1);
    var BYTES = keyBytes();
    var BELOW = lookedAssertBelowPrime(C);
    var CURVE = lookedSecp256k1OnCurve(C);
    signal input known;
    signal input identity;
    signal input key[4];
    signal input chPole;
    signal input chX;
    signal input chX2;
    signal output chSum;
    signal output looked[lookedAssertKeyOfAddress(C)];
    signal output chKeccakSum;
    signal output keccakLooked[keccak256Packed(BYTES)];

    // The key, or G: the first multiple of the generator's table.
    var generatorX[8][4] = secp256k1GeneratorX();
    var generatorY[8][4] = secp256k1GeneratorY();
    var generator[4] = [
        generatorX[0][0] + generatorX[0][1] * (1 << 64), generatorX[0][2] + generatorX[0][3] * (1 << 64),
        generatorY[0][0] + generatorY[0][1] * (1 << 64), generatorY[0][2] + generatorY[0][3] * (1 << 64)
    ];
    signal byte[BYTES];
    var limb[2][4];
    for (var h = 0; h < 4; h++) {
        (1 - known) * key[h] === 0;
        var half = key[h] + (1 - known) * generator[h];
        // Half h begins 16 bytes before the end of its coordinate where it is the low one.
        var start = 32 * (h \ 2) + 16 * (1 - h % 2);
        for (var l = 0; l < 2; l++) {
            limb[h \ 2][2 * (h % 2) + 1 - l] = 0;
            for (var i = 8 * l; i < 8 * l + 8; i++) {
                // SOUND: a byte by its lookup in Keccak's table; 16 digits in base 256 have one sum, tied to the half below.
                byte[start + i] <-- (half >> (8 * (15 - i))) & 255;
                limb[h \ 2][2 * (h % 2) + 1 - l] += byte[start + i] * (1 << (8 * (7 - i % 8)));
            }
        }
        limb[h \ 2][2 * (h % 2)] + limb[h \ 2][2 * (h % 2) + 1] * (1 << 64) === half;
    }

    component keccak = Keccak256Lookups(BYTES);
    keccak.bytes <== byte;
    keccak.length <== BYTES;
    keccak.chPole <== chPole;
    keccak.chX <== chX;
    keccak.chX2 <== chX2;
    chKeccakSum <== keccak.chSum;
    // SOUND: counted only.
    keccakLooked <-- keccak.looked;
    var address = 0;
    for (var i = 0; i < 32; i++) {
        if (i < 12) {
            _ <== keccak.digest[i];
        } else {
            address = 256 * address + keccak.digest[i];
        }
    }
    known * (address - identity) === 0;

    component below[2];
    component onCurve = Secp256k1OnCurve(C);
    onCurve.x <== limb[0];
    onCurve.y <== limb[1];
    onCurve.chPole <== chPole;
    var sum = onCurve.chSum;
    for (var v = 0; v < 2; v++) {
        below[v] = AssertBelowPrime(C);
        below[v].value <== limb[v];
        below[v].chPole <== chPole;
        for (var i = 0; i < BELOW; i++) {
            sum += below[v].chInverse[i];
            // SOUND: counted only.
            looked[BELOW * v + i] <-- below[v].looked[i];
        }
    }
    for (var i = 0; i < CURVE; i++) {
        // SOUND: counted only.
        looked[2 * BELOW + i] <-- onCurve.looked[i];
    }
    chSum <== sum;
}

/// Length of `looked` of AssertKeyOfAddress.
function lookedAssertKeyOfAddress(C) {
    return 2 * lookedAssertBelowPrime(C) + lookedSecp256k1OnCurve(C);
}
