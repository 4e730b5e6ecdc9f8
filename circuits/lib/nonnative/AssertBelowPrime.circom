pragma circom 2.2.0;

include "lib/bits/IsZero.circom";
include "lib/curve/Secp256k1Constants.circom";
include "lib/lookup/RangeCheck.circom";

/// @title AssertBelowPrime
/// @notice The integer value = Σ value_i·2^(64i) is below p, the prime of secp256k1's field: it is the canonical one of its residue.
/// @param C chunk bits, 0 for bits
/// @input value[4] limbs, allowed [0, 2^64), exactly 64 bits; requires: range-checked by the owner
/// @input chPole z of LookupPole, 0 for bits
/// @output chInverse[…], looked[…] as in RangeCheck
/// @soundness the three upper limbs of p are 2^64 - 1 each, so value >= p exactly if those of value are, too, and value_0 >= p_0. In that
///            case p_0 - 1 - value_0 lies in (-2^64, 0), which is no sum of chunks modulo r
/// @cost 3 rows, one limb and 1 linear: 8 + 1 rows at C = 13, 7 + 1 at C = 16, 67 + 2 at C = 0
template AssertBelowPrime(C) {
    var LIMB_CHUNKS = chunkCount(C, 64);
    var LOOKED = lookedCount(C, LIMB_CHUNKS);
    var B = 1 << 64;
    var PRIME[4] = secp256k1Prime();
    signal input value[4];
    signal input chPole;
    signal output chInverse[LOOKED];
    signal output looked[LOOKED];

    var upper = 0;
    var primeUpper = 0;
    for (var i = 1; i < 4; i++) {
        assert(PRIME[i] == B - 1);
        upper += value[i] * B ** (i - 1);
        primeUpper += PRIME[i] * B ** (i - 1);
    }
    signal isTop <== IsZero()(upper - primeUpper);
    signal room <== isTop * (PRIME[0] - 1 - value[0]);

    component range = RangeCheck(C, 1, LIMB_CHUNKS);
    range.value[0] <== room;
    range.chPole <== chPole;
    chInverse <== range.chInverse;
    // SOUND: counted only.
    looked <-- range.looked;
}

/// Length of `looked` of AssertBelowPrime.
function lookedAssertBelowPrime(C) {
    return lookedCount(C, chunkCount(C, 64));
}
