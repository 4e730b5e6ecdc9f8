pragma circom 2.2.0;

include "lib/bits/Num2Bits.circom";

/// @title SealSlots
/// @notice Gives each of SLOTS signature slots the key of a member of the signing set, or the key of a published secret where
///     the slot is spare, and enforces the quorum 3·seals >= 2·N. Members are counted, never signatures.
/// @param TIER most members; SLOTS = ceil(2·TIER / 3) signature slots
/// @input active[TIER] binary; requires: IstanbulSetCommitment enforced it
/// @input size requires: number of active members, [1, TIER]
/// @input key[TIER][4] requires: bound by the set's commitment
/// @input select[SLOTS][TIER] binary, enforced here: slot j holds the seal of member i
/// @output slotKey[SLOTS][4] halves of the key that the slot's signature must verify under
/// @output sealed[TIER] binary: the member's seal is counted
/// @soundness row and column sums of `select` are binary, so a slot serves at most one member and a member at most one slot; a spare slot counts for
///     nobody. A member whose key is not known has key (0, 0), off the curve: ECDSA refuses it
/// @cost SLOTS·(5·TIER + 1) + 2·TIER + bits of the quorum
template SealSlots(TIER, SLOTS) {
    assert(3 * SLOTS >= 2 * TIER && 3 * (SLOTS - 1) < 2 * TIER);
    assert(TIER <= 1024);
    signal input active[TIER];
    signal input size;
    signal input key[TIER][4];
    signal input select[SLOTS][TIER];
    signal output slotKey[SLOTS][4];
    signal output sealed[TIER];

    var spareKey[4] = spareSlotKey();
    var column[TIER];
    for (var i = 0; i < TIER; i++) column[i] = 0;

    signal filled[SLOTS];
    signal term[SLOTS][TIER][4];
    for (var j = 0; j < SLOTS; j++) {
        var row = 0;
        var sum[4] = [0, 0, 0, 0];
        for (var i = 0; i < TIER; i++) {
            select[j][i] * (1 - select[j][i]) === 0;
            row += select[j][i];
            column[i] += select[j][i];
            for (var h = 0; h < 4; h++) {
                term[j][i][h] <== select[j][i] * key[i][h];
                sum[h] += term[j][i][h];
            }
        }
        filled[j] <== row;
        filled[j] * (1 - filled[j]) === 0;
        for (var h = 0; h < 4; h++) slotKey[j][h] <== sum[h] + (1 - filled[j]) * spareKey[h];
    }

    var seals = 0;
    for (var i = 0; i < TIER; i++) {
        sealed[i] <== column[i];
        sealed[i] * (1 - sealed[i]) === 0;
        sealed[i] * (1 - active[i]) === 0;
        seals += sealed[i];
    }
    // 3·seals - 2·N lies in (-2·TIER, 3·TIER): 12 bits hold it exactly when it is not negative.
    _ <== Num2Bits(12)(3 * seals - 2 * size);
}

/// Halves of the public key whose secret is keccak256("zkfinality/spare-slot/v1") mod n: anyone can sign with it, it counts for nobody.
function spareSlotKey() {
    return [101367923081876303344973834894250692657, 157571489604446904279364411994601066078, 3848949170982289583601588946456895668, 153877240517364862641610597786518876552];
}
