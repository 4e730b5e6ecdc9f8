pragma circom 2.2.0;

include "lib/hash/Keccak256Lookups.circom";
include "protocols/istanbul/IstanbulConstants.circom";

/// Elements that hold the lookups of DigestsIbft2.
function digestsIbft2Packed(MAX_BYTES) {
    return 2 * keccak256Packed(MAX_BYTES);
}

/// @title DigestsIbft2
/// @notice The two hashes of an IBFT 2.0 header: what committed seals sign, keccak(header with its round and without seals), and the block hash, the same
///     without the round. The second preimage is made here from the first: five bytes left out, three lengths less by five.
/// @param TIER most validators
/// @param MAX_BYTES longest header
/// @input bytes[MAX_BYTES], length the header with its round; [0, 256), zero from `length` on, [0, MAX_BYTES]: enforced here
/// @input roundAt[…], extraAt[33], extraWide, listAt[34], listWide requires: IstanbulHeader's
/// @input chPole, chX, chX2 see KeccakLookups
/// @output blockHash[32], sealedHash[32] bytes
/// @output chSum, looked[…] see KeccakTable
/// @soundness Borrows are the only hints: the result's bytes are looked up, so the low byte less five plus 256·borrow is a byte for one borrow only.
///     No prefix changes its form: of extraData and its list only lengths below 256 or above 264 occur, for any number of validators, with and
///     without a vote, as HeaderWalk enforces the shape
/// @cost two permutations for each block, and five rows a byte
template DigestsIbft2(TIER, MAX_BYTES) {
    var FIRST = istanbulRoundFirst(3);
    var COUNT = istanbulRoundCount(3, TIER);
    var LIST = istanbulListFirst(3);
    var ROUND_BYTES = 5;
    var PACKED = keccak256Packed(MAX_BYTES);
    signal input bytes[MAX_BYTES];
    signal input length;
    signal input roundAt[COUNT];
    signal input extraAt[33];
    signal input extraWide;
    signal input listAt[34];
    signal input listWide;
    signal input chPole;
    signal input chX;
    signal input chX2;
    signal output blockHash[32];
    signal output sealedHash[32];
    signal output chSum;
    signal output looked[2 * PACKED];

    // Bytes of the hashed header: those of the sealed one, five places on from the round.
    var moved[MAX_BYTES];
    signal shift[MAX_BYTES];
    var behind = 0;
    for (var i = 0; i < MAX_BYTES; i++) {
        if (i >= FIRST && i < FIRST + COUNT) behind += roundAt[i - FIRST];
        if (i >= FIRST) {
            shift[i] <== behind * ((i + ROUND_BYTES < MAX_BYTES ? bytes[(i + ROUND_BYTES) % MAX_BYTES] : 0) - bytes[i]);
        } else {
            shift[i] <== 0;
        }
        moved[i] = bytes[i] + shift[i];
    }

    // Lengths: the outer list's, extraData's, and that of the list inside it. The lower byte of a wide length stands one place further.
    signal borrow[3];
    // SOUND: binary, and the only one that leaves the low byte a byte.
    borrow[0] <-- bytes[2] < ROUND_BYTES ? 1 : 0;
    borrow[0] * (1 - borrow[0]) === 0;
    moved[1] -= borrow[0];
    moved[2] += 256 * borrow[0] - ROUND_BYTES;
    signal low[2][34];
    signal high[2][34];
    signal wideBorrow[2];
    var lowByte[2] = [0, 0];
    for (var i = 0; i < 33; i++) lowByte[0] += extraAt[i] * (extraWide == 1 ? bytes[453 + i + 2] : bytes[453 + i + 1]);
    for (var i = 0; i < 34; i++) lowByte[1] += listAt[i] * (listWide == 1 ? bytes[LIST + i + 2] : bytes[LIST + i + 1]);
    for (var d = 0; d < 2; d++) {
        var wide = d == 0 ? extraWide : listWide;
        // SOUND: binary, 0 for one-byte lengths, and the only one that leaves the low byte a byte.
        borrow[d + 1] <-- wide == 1 && lowByte[d] < ROUND_BYTES ? 1 : 0;
        borrow[d + 1] * (1 - borrow[d + 1]) === 0;
        wideBorrow[d] <== borrow[d + 1] * (1 - wide);
        wideBorrow[d] === 0;
        for (var i = 0; i < 34; i++) {
            var at = d == 0 ? (i < 33 ? extraAt[i % 33] : 0) : listAt[i];
            var place = d == 0 ? 453 + i : LIST + i;
            low[d][i] <== at * (256 * borrow[d + 1] - ROUND_BYTES);
            high[d][i] <== low[d][i] * wide;
            // Narrow: the byte behind the prefix. Wide: the second one, and the borrow is taken from the first.
            moved[place + 1] += low[d][i] - high[d][i];
            moved[place + 2] += high[d][i];
        }
    }
    signal taken[2][34];
    for (var d = 0; d < 2; d++) {
        for (var i = 0; i < 34; i++) {
            var at = d == 0 ? (i < 33 ? extraAt[i % 33] : 0) : listAt[i];
            var place = d == 0 ? 453 + i : LIST + i;
            taken[d][i] <== at * borrow[d + 1];
            moved[place + 1] -= taken[d][i];
        }
    }

    component sealed = Keccak256Lookups(MAX_BYTES);
    sealed.bytes <== bytes;
    sealed.length <== length;
    sealed.chPole <== chPole;
    sealed.chX <== chX;
    sealed.chX2 <== chX2;
    sealedHash <== sealed.digest;

    component hashed = Keccak256Lookups(MAX_BYTES);
    for (var i = 0; i < MAX_BYTES; i++) hashed.bytes[i] <== moved[i];
    hashed.length <== length - ROUND_BYTES;
    hashed.chPole <== chPole;
    hashed.chX <== chX;
    hashed.chX2 <== chX2;
    blockHash <== hashed.digest;

    chSum <== sealed.chSum + hashed.chSum;
    for (var i = 0; i < PACKED; i++) {
        looked[i] <== sealed.looked[i];
        looked[PACKED + i] <== hashed.looked[i];
    }
}
