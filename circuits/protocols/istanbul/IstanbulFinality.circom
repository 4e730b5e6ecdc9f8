pragma circom 2.2.0;

include "lib/lookup/LookupPole.circom";
include "lib/lookup/RangeTable.circom";
include "lib/hash/KeccakTable.circom";
include "lib/signature/EcdsaBatch.circom";
include "protocols/istanbul/AssertOverlap.circom";
include "protocols/istanbul/DigestsIbft1.circom";
include "protocols/istanbul/DigestsIbft2.circom";
include "protocols/istanbul/DigestsQbft.circom";
include "protocols/istanbul/HeaderWalk.circom";
include "protocols/istanbul/IstanbulSetCommitment.circom";
include "protocols/istanbul/SealSlots.circom";

/// @title IstanbulFinality
/// @notice A quorum of the signing set sealed this block, and more than a third of the trusted set is among those who did. Two-round Groth16.
/// @param VARIANT as in set commitments: 2 IBFT 1.0, 3 IBFT 2.0, 4 QBFT
/// @param TIER most members of either set
/// @param MAX_BYTES longest header as validators hash it
/// @input trustedSet, signingSet public: commitments of the sets below, enforced here. requires: the verifier knows both sets whole, distinct identities in
///     increasing order and every key its identity's: the trusted one, and a registered one where the signing set differs
/// @input nextSet public: 0, enforced here: Istanbul blocks announce no set
/// @input w1, w2, w3 public: blockHash >> 8, stateRoot >> 8, height·2^80 + time·2^16 + (blockHash & 255)·2^8 + (stateRoot & 255), enforced here
/// @input x public: the challenge. requires: the verifier hashed it from the first-round commitment
/// @input chainId bound by both commitments: seals carry none
/// @input header[MAX_BYTES], headerLength what seals cover: see HeaderWalk
/// @input signing…, trusted… the two sets: see IstanbulSetCommitment
/// @input select[SLOTS][TIER], match[TIER][TIER] see SealSlots, AssertOverlap
/// @input r, s, noncePointY [SLOTS][4], nonce see EcdsaBatch; R.x = r
/// @soundness Every output of every part is constrained here. The header's validator list equals the signing set in order, which holds identities in increasing
///     order where the verifier accepted the commitment. Two separate balances at one pole: chunks of 13 bits, and Keccak's four tables under
///     their tags; 2^24 > 8·(N + T) for up to two million lookups, so an unbalanced pair passes for less than 2^-200 of all challenges
template IstanbulFinality(VARIANT, TIER, MAX_BYTES) {
    var C = 13;
    var LOG_E = 24;
    var SLOTS = (2 * TIER + 2) \ 3;
    signal input trustedSet;
    signal input signingSet;
    signal input nextSet;
    signal input w1;
    signal input w2;
    signal input w3;
    signal input x;
    signal input chainId;
    signal input header[MAX_BYTES];
    signal input headerLength;
    signal input signingActive[TIER];
    signal input signingIdentity[TIER];
    signal input signingKey[TIER][4];
    signal input trustedActive[TIER];
    signal input trustedIdentity[TIER];
    signal input trustedKey[TIER][4];
    signal input select[SLOTS][TIER];
    signal input match[TIER][TIER];
    signal input r[SLOTS][4];
    signal input s[SLOTS][4];
    signal input noncePointY[SLOTS][4];
    signal input nonce;

    nextSet === 0;
    signal chX2 <== x * x;
    component pole = LookupPole(LOG_E);
    pole.chX <== x;

    // The two sets.
    component signing = IstanbulSetCommitment(TIER);
    signing.variant <== VARIANT;
    signing.chainId <== chainId;
    signing.active <== signingActive;
    signing.identity <== signingIdentity;
    signing.key <== signingKey;
    signingSet === signing.commitment;
    component trusted = IstanbulSetCommitment(TIER);
    trusted.variant <== VARIANT;
    trusted.chainId <== chainId;
    trusted.active <== trustedActive;
    trusted.identity <== trustedIdentity;
    trusted.key <== trustedKey;
    trustedSet === trusted.commitment;

    // Who sealed.
    component slots = SealSlots(TIER, SLOTS);
    slots.active <== signingActive;
    slots.size <== signing.size;
    slots.key <== signingKey;
    slots.select <== select;
    component overlap = AssertOverlap(TIER);
    overlap.sealed <== slots.sealed;
    overlap.signingIdentity <== signingIdentity;
    overlap.signingKey <== signingKey;
    overlap.trustedActive <== trustedActive;
    overlap.trustedSize <== trusted.size;
    overlap.trustedIdentity <== trustedIdentity;
    overlap.trustedKey <== trustedKey;
    overlap.match <== match;

    // What they sealed.
    component walk = HeaderWalk(VARIANT, TIER, MAX_BYTES);
    walk.bytes <== header;
    walk.length <== headerLength;
    walk.active <== signingActive;
    walk.identity <== signingIdentity;
    var KECCAK = digestsQbftPacked(MAX_BYTES);
    if (VARIANT == 2) KECCAK = digestsIbft1Packed(MAX_BYTES);
    if (VARIANT == 3) KECCAK = digestsIbft2Packed(MAX_BYTES);
    component ibft1;
    component ibft2;
    component qbft;
    signal blockHash[32];
    signal sealedHash[32];
    component keccak = KeccakTable(KECCAK);
    keccak.chPole <== pole.chPole;
    keccak.chX <== x;
    keccak.chX2 <== chX2;
    if (VARIANT == 2) {
        ibft1 = DigestsIbft1(MAX_BYTES);
        ibft1.bytes <== header;
        ibft1.length <== headerLength;
        ibft1.chPole <== pole.chPole;
        ibft1.chX <== x;
        ibft1.chX2 <== chX2;
        blockHash <== ibft1.blockHash;
        sealedHash <== ibft1.sealedHash;
        keccak.looked <== ibft1.looked;
        ibft1.chSum === keccak.chSum;
        _ <== walk.roundAt;
        _ <== walk.roundByte;
        _ <== walk.extraAt;
        _ <== walk.extraWide;
        _ <== walk.listAt;
        _ <== walk.listWide;
    }
    if (VARIANT == 3) {
        ibft2 = DigestsIbft2(TIER, MAX_BYTES);
        ibft2.bytes <== header;
        ibft2.length <== headerLength;
        ibft2.roundAt <== walk.roundAt;
        ibft2.extraAt <== walk.extraAt;
        ibft2.extraWide <== walk.extraWide;
        ibft2.listAt <== walk.listAt;
        ibft2.listWide <== walk.listWide;
        ibft2.chPole <== pole.chPole;
        ibft2.chX <== x;
        ibft2.chX2 <== chX2;
        blockHash <== ibft2.blockHash;
        sealedHash <== ibft2.sealedHash;
        keccak.looked <== ibft2.looked;
        ibft2.chSum === keccak.chSum;
        _ <== walk.roundByte;
    }
    if (VARIANT == 4) {
        qbft = DigestsQbft(TIER, MAX_BYTES);
        qbft.bytes <== header;
        qbft.length <== headerLength;
        qbft.roundAt <== walk.roundAt;
        qbft.roundByte <== walk.roundByte;
        qbft.chPole <== pole.chPole;
        qbft.chX <== x;
        qbft.chX2 <== chX2;
        blockHash <== qbft.blockHash;
        sealedHash <== qbft.sealedHash;
        keccak.looked <== qbft.looked;
        qbft.chSum === keccak.chSum;
        _ <== walk.extraAt;
        _ <== walk.extraWide;
        _ <== walk.listAt;
        _ <== walk.listWide;
    }
    // The statement.
    var hash = 0;
    var root = 0;
    for (var i = 0; i < 31; i++) {
        hash = 256 * hash + blockHash[i];
        root = 256 * root + header[91 + i];
    }
    w1 === hash;
    w2 === root;
    w3 === walk.height * (1 << 80) + walk.time * (1 << 16) + blockHash[31] * 256 + header[122];

    // Every slot's signature.
    component ecdsa = EcdsaBatch(C, SLOTS);
    for (var k = 0; k < 4; k++) {
        var limb = 0;
        for (var i = 0; i < 8; i++) limb = 256 * limb + sealedHash[8 * (3 - k) + i];
        ecdsa.messageHash[k] <== limb;
    }
    ecdsa.r <== r;
    ecdsa.s <== s;
    ecdsa.noncePointY <== noncePointY;
    ecdsa.nonce <== nonce;
    signal keyLimb[SLOTS][8];
    for (var j = 0; j < SLOTS; j++) {
        for (var h = 0; h < 4; h++) {
            // SOUND: EcdsaBatch keeps limbs below 2^65, so the next row holds over the integers; any two such limbs of one half stand for the same key.
            keyLimb[j][2 * h] <-- slots.slotKey[j][h] & ((1 << 64) - 1);
            keyLimb[j][2 * h + 1] <-- slots.slotKey[j][h] >> 64;
            keyLimb[j][2 * h] + (1 << 64) * keyLimb[j][2 * h + 1] === slots.slotKey[j][h];
        }
        for (var k = 0; k < 4; k++) {
            ecdsa.publicKeyX[j][k] <== keyLimb[j][k];
            ecdsa.publicKeyY[j][k] <== keyLimb[j][4 + k];
        }
    }
    ecdsa.chX <== x;
    ecdsa.chPole <== pole.chPole;

    // The balance of the chunks.
    var LOOKED = lookedEcdsaBatch(C, SLOTS);
    var ROWS = 1 << C;
    var occurrences[ROWS];
    // A bound that the compiler does not know keeps it from unrolling the loop and copying the array each time.
    for (var i = 0; i < LOOKED + hintZero(x); i++) {
        if (ecdsa.looked[i] >= 0 && ecdsa.looked[i] < ROWS) occurrences[ecdsa.looked[i]] += 1;
    }
    signal count[ROWS];
    component range = RangeTable(C);
    for (var i = 0; i < ROWS; i++) {
        // SOUND: counts need no constraint of their own: see RangeTable.
        count[i] <-- occurrences[i];
        range.count[i] <== count[i];
    }
    range.chPole <== pole.chPole;
    ecdsa.chSum === range.chSum;
}
