pragma circom 2.2.0;

include "lib/hash/KeccakTable.circom";
include "lib/lookup/ChunkWidth.circom";
include "lib/lookup/LookupPole.circom";
include "lib/lookup/RangeCheck.circom";
include "lib/lookup/RangeTable.circom";
include "lib/lookup/SumInBlocks.circom";
include "protocols/istanbul/AssertKeyOfAddress.circom";
include "protocols/istanbul/IstanbulSetCommitment.circom";

/// @title IstanbulRegistration
/// @notice Shown once for a validator set: its every known key belongs to its address, and it is another set with zero or more keys filled in, and
///         nothing else changed. Two-round Groth16.
/// @param TIER most members
/// @input oldSet public: commitment of the set whose addresses the verifier accepts, its keys known in part or not at all; enforced here
/// @input newSet public: commitment of the same set with the keys known now, enforced here
/// @input x public: the challenge. requires: the verifier hashed it from the first-round commitment
/// @input variant, chainId bound by both commitments. requires: the verifier accepted oldSet as a set of its chain
/// @input active[TIER] 0 or 1, ones first, at least one: enforced here
/// @input identity[TIER] [0, 2^160), strictly increasing where active, zero where not: enforced here
/// @input known[TIER] 1 where newSet has a key, enforced here
/// @input wasKnown[TIER] 1 where oldSet has a key, enforced here
/// @input key[TIER][4] (xLo, xHi, yLo, yHi) of newSet's keys; see AssertKeyOfAddress
/// @soundness oldSet's keys are *defined* as wasKnown·key, so each is zero or the new one; all else is shared by both commitments. known is 0 exactly
///     for a zero key (AssertKeyOfAddress), inactive ones among them, and wasKnown is 0 exactly for a zero old key. identity and 2^9·identity are below
///     2^169, so identity < 2^160; a difference that is not positive does not fit. Two separate balances at one pole, chunks of 13 bits and
///     Keccak's four tables under their tags; 2^24 > 8·(N + T), N + T below 600,000 at tier 32
/// @cost 30,015 rows a member and 49,073 for the tables and the rest: 169,131 at tier 4, 289,189 at tier 8
template IstanbulRegistration(TIER) {
    assert(TIER >= 2 && TIER <= 64);
    var C = 13;
    var LOG_E = 24;
    var IDENTITY_BITS = 160;
    signal input oldSet;
    signal input newSet;
    signal input x;
    signal input variant;
    signal input chainId;
    signal input active[TIER];
    signal input identity[TIER];
    signal input known[TIER];
    signal input wasKnown[TIER];
    signal input key[TIER][4];

    signal chX2 <== x * x;
    component pole = LookupPole(LOG_E);
    pole.chX <== x;

    // The two sets.
    component old = IstanbulSetCommitment(TIER);
    component new = IstanbulSetCommitment(TIER);
    old.variant <== variant;
    old.chainId <== chainId;
    old.active <== active;
    old.identity <== identity;
    new.variant <== variant;
    new.chainId <== chainId;
    new.active <== active;
    new.identity <== identity;
    new.key <== key;
    for (var i = 0; i < TIER; i++) {
        known[i] * (1 - known[i]) === 0;
        wasKnown[i] * (1 - wasKnown[i]) === 0;
        wasKnown[i] * (1 - known[i]) === 0;
        for (var h = 0; h < 4; h++) {
            old.key[i][h] <== wasKnown[i] * key[i][h];
        }
    }
    _ <== old.size;
    _ <== new.size;
    oldSet === old.commitment;
    newSet === new.commitment;

    // Every member's key.
    var LOOKED = lookedAssertKeyOfAddress(C);
    var PACKED = keccak256Packed(keyBytes());
    component member[TIER];
    component keccak = KeccakTable(TIER * PACKED);
    var chunkSum = 0;
    var keccakSum = 0;
    for (var i = 0; i < TIER; i++) {
        member[i] = AssertKeyOfAddress(C);
        member[i].known <== known[i];
        member[i].identity <== identity[i];
        member[i].key <== key[i];
        member[i].chPole <== pole.chPole;
        member[i].chX <== x;
        member[i].chX2 <== chX2;
        chunkSum += member[i].chSum;
        keccakSum += member[i].chKeccakSum;
        for (var j = 0; j < PACKED; j++) {
            keccak.looked[PACKED * i + j] <== member[i].keccakLooked[j];
        }
    }
    keccak.chPole <== pole.chPole;
    keccak.chX <== x;
    keccak.chX2 <== chX2;
    keccakSum === keccak.chSum;

    // Addresses: 160 bits each, in increasing order.
    var CHUNKS = chunkCount(C, IDENTITY_BITS);
    var SPARE_BITS = C * CHUNKS - IDENTITY_BITS;
    var RANGES = (3 * TIER - 1) * CHUNKS;
    component range = RangeCheck(C, 3 * TIER - 1, CHUNKS);
    for (var i = 0; i < TIER; i++) {
        range.value[2 * i] <== identity[i];
        range.value[2 * i + 1] <== identity[i] * (1 << SPARE_BITS);
        if (i > 0) {
            range.value[2 * TIER + i - 1] <== active[i] * (identity[i] - identity[i - 1] - 1);
        }
    }
    range.chPole <== pole.chPole;

    // The balance of the chunks.
    var ROWS = 1 << C;
    var seen[TIER * LOOKED + RANGES];
    for (var i = 0; i < TIER; i++) {
        // Bounds that the compiler does not know: see hintZero.
        for (var j = 0; j < LOOKED + hintZero(x); j++) {
            seen[LOOKED * i + j] = member[i].looked[j];
        }
    }
    for (var j = 0; j < RANGES + hintZero(x); j++) {
        seen[TIER * LOOKED + j] = range.looked[j];
    }
    var occurrences[ROWS];
    for (var i = 0; i < TIER * LOOKED + RANGES + hintZero(x); i++) {
        // Values from half the field on count as negative.
        if (seen[i] >= 0 && seen[i] < ROWS) occurrences[seen[i]] += 1;
    }
    signal count[ROWS];
    component table = RangeTable(C);
    for (var i = 0; i < ROWS; i++) {
        // SOUND: counts need no constraint of their own: see RangeTable.
        count[i] <-- occurrences[i];
        table.count[i] <== count[i];
    }
    table.chPole <== pole.chPole;
    signal chRange <== SumInBlocks(RANGES)(range.chInverse);
    chunkSum + chRange === table.chSum;
}
