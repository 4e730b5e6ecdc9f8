pragma circom 2.2.0;

include "lib/bits/AssertBits.circom";
include "lib/bits/AssertNonZero.circom";
include "protocols/istanbul/IstanbulConstants.circom";
include "protocols/istanbul/PackedAt.circom";
include "protocols/istanbul/RlpUint64.circom";

/// @title HeaderWalk
/// @notice Walks the RLP of a header as validators hashed it for their seals, item by item, and reads what the statement needs from its place:
///     list(parentHash, ommersHash, coinbase, stateRoot, transactionsRoot, receiptsRoot, logsBloom, difficulty = 1, number, gasLimit, gasUsed,
///     timestamp, extraData, mixHash = Istanbul's, nonce, further items)
///     extraData   IBFT 1.0: vanity (32 bytes) ‖ list(validators, proposer seal, empty list)
///                 QBFT:     list(vanity, validators, vote, round, empty list)
///                 IBFT 2.0: list(vanity, validators, vote, round of four bytes)
/// @param VARIANT as in set commitments: 2 IBFT 1.0, 3 IBFT 2.0, 4 QBFT
/// @param TIER most validators
/// @param MAX_BYTES longest header
/// @input bytes[MAX_BYTES] requires: each [0, 256), and zero from `length` on
/// @input length requires: [0, MAX_BYTES]
/// @input active[TIER] requires: binary, ones first, at least one
/// @input identity[TIER] of the active ones: equal to the header's list in order, enforced here. requires: committed, below 2^160
/// @output height, time [0, 2^64)
/// @output extraAt[33], extraWide: where extraData's prefix stands (from byte 453 on), and whether it has two length bytes
/// @output listAt[34], listWide: the same for the list inside extraData
/// @output roundAt[…] one-hot from byte istanbulRoundFirst(VARIANT) on: the first byte of the round; IBFT 1.0, which has none: of the proposer seal
/// @output roundByte QBFT: that byte, [1, 128]; otherwise 0
/// @soundness Every item up to the nonce is walked from its prefix, so the shape is unique. Outer length, extraData's length and its list's length
///     agree with the walk; what follows the nonce is inside the outer list. A message of another kind that validators sign with the
///     same keys would have to be a list of 32, 32, 20, 32, 32, 32 and 256 bytes, the number 1, … : a header
/// @cost docs/CIRCUITS.md
template HeaderWalk(VARIANT, TIER, MAX_BYTES) {
    assert(VARIANT == 2 || VARIANT == 3 || VARIANT == 4);
    assert(MAX_BYTES < 2048);
    signal input bytes[MAX_BYTES];
    signal input length;
    signal input active[TIER];
    signal input identity[TIER];
    signal output height;
    signal output time;
    signal output {binary} extraAt[33];
    signal output extraWide;
    signal output {binary} listAt[34];
    signal output listWide;
    signal output {binary} roundAt[istanbulRoundCount(VARIANT, TIER)];
    signal output roundByte;

    // Only places where prefixes, integers and addresses can stand are read; all bytes are in the hashes.
    for (var i = 0; i < MAX_BYTES; i++) _ <== bytes[i];

    // Items before the number have one place each.
    bytes[0] === 0xf9;
    256 * bytes[1] + bytes[2] === length - 3;
    bytes[3] === 0xa0;
    bytes[36] === 0xa0;
    bytes[69] === 0x94;
    bytes[90] === 0xa0;
    bytes[123] === 0xa0;
    bytes[156] === 0xa0;
    bytes[189] === 0xb9;
    bytes[190] === 1;
    bytes[191] === 0;
    bytes[448] === 1;

    // number, gasLimit, gasUsed, timestamp: each starts where the one before ends, one to nine bytes on.
    component number = RlpUint64();
    for (var k = 0; k < 9; k++) number.bytes[k] <== bytes[449 + k];
    component numberAt[3];
    component later[3];
    var position = 449 + number.itemLength;
    for (var f = 0; f < 3; f++) {
        numberAt[f] = PackedAt(450 + f, 8 * f + 9, 9, 1, 1);
        numberAt[f].position <== position;
        for (var i = 0; i < 8 * f + 17; i++) numberAt[f].bytes[i] <== bytes[450 + f + i];
        _ <== numberAt[f].at;
        later[f] = RlpUint64();
        later[f].bytes <== numberAt[f].out;
        position += later[f].itemLength;
    }
    height <== number.value;
    _ <== later[0].value;
    _ <== later[1].value;
    time <== later[2].value;

    // extraData: a string of 56 to 65,535 bytes. What it holds takes 56 or more, and a length of two bytes has no leading zero.
    component extra = PackedAt(453, 33, 3, 1, 1);
    extra.position <== position;
    for (var i = 0; i < 35; i++) extra.bytes[i] <== bytes[453 + i];
    extraAt <== extra.at;
    extraWide <== extra.out[0] - 0xb8;
    extraWide * (1 - extraWide) === 0;
    AssertNonZero()(1 - extraWide + extra.out[1]);
    signal extraLength <== extra.out[1] + extraWide * (255 * extra.out[1] + extra.out[2]);
    signal payload <== position + 2 + extraWide;
    signal extraEnd <== payload + extraLength;

    // The list inside it, behind the vanity in IBFT 1.0.
    var LIST = istanbulListFirst(VARIANT);
    component list = PackedAt(LIST, 34, 3, 1, 1);
    list.position <== payload + (VARIANT == 2 ? 32 : 0);
    for (var i = 0; i < 36; i++) list.bytes[i] <== bytes[LIST + i];
    listAt <== list.at;
    listWide <== list.out[0] - 0xf8;
    listWide * (1 - listWide) === 0;
    AssertNonZero()(1 - listWide + list.out[1]);
    signal listLength <== list.out[1] + listWide * (255 * list.out[1] + list.out[2]);
    signal items <== payload + (VARIANT == 2 ? 32 : 0) + 2 + listWide;
    items + listLength === extraEnd;

    // The vanity is the list's first item in the other variants.
    var VALIDATORS = LIST + 2 + (VARIANT == 2 ? 0 : 33);
    component vanity;
    if (VARIANT != 2) {
        vanity = PackedAt(LIST + 2, 35, 1, 1, 1);
        vanity.position <== items;
        for (var i = 0; i < 35; i++) vanity.bytes[i] <== bytes[LIST + 2 + i];
        _ <== vanity.at;
        vanity.out[0] === 0xa0;
    }

    // The list of validators: 21 bytes each; its prefix has one byte for one or two of them, two bytes for up to twelve, else three.
    component validators = PackedAt(VALIDATORS, 35, 3, 1, 1);
    signal validatorsAt <== items + (VARIANT == 2 ? 0 : 33);
    validators.position <== validatorsAt;
    for (var i = 0; i < 37; i++) validators.bytes[i] <== bytes[VALIDATORS + i];
    _ <== validators.at;
    var count = 0;
    for (var i = 0; i < TIER; i++) count += active[i];
    if (TIER <= 12) _ <== validators.out[2];
    var notShort = TIER > 2 ? active[2 % TIER] : 0;
    var long = TIER > 12 ? active[12 % TIER] : 0;
    (1 - notShort) * (validators.out[0] - 0xc0 - 21 * count) === 0;
    (notShort - long) * (validators.out[0] - 0xf8) === 0;
    (notShort - long) * (validators.out[1] - 21 * count) === 0;
    long * (validators.out[0] - 0xf9) === 0;
    long * (256 * validators.out[1] + validators.out[2] - 21 * count) === 0;

    // The addresses: 0x94 and 20 bytes each.
    var ADDRESSES = VALIDATORS + 1;
    component address = PackedAt(ADDRESSES, 37, TIER, 21, 21);
    signal addressesAt <== validatorsAt + 1 + notShort + long;
    address.position <== addressesAt;
    for (var i = 0; i < 36 + 21 * TIER; i++) address.bytes[i] <== bytes[ADDRESSES + i];
    _ <== address.at;
    for (var i = 0; i < TIER; i++) active[i] * (address.out[i] - 0x94 * (1 << 160) - identity[i]) === 0;

    // What follows the validators.
    var AFTER = ADDRESSES + 21;
    var AFTER_COUNT = 37 + 21 * (TIER - 1);
    signal after <== addressesAt + 21 * count;
    component seal;
    component empty;
    component vote;
    component round;
    var end = 0;
    if (VARIANT == 2) {
        // The proposer seal, 65 bytes, and the empty list of committed seals.
        seal = PackedAt(AFTER, AFTER_COUNT, 2, 1, 1);
        seal.position <== after;
        for (var i = 0; i <= AFTER_COUNT; i++) seal.bytes[i] <== bytes[AFTER + i];
        seal.out[0] === 0xb8;
        seal.out[1] === 65;
        roundAt <== seal.at;
        roundByte <== 0;
        empty = PackedAt(AFTER + 67, AFTER_COUNT, 1, 1, 1);
        empty.position <== after + 67;
        for (var i = 0; i < AFTER_COUNT; i++) empty.bytes[i] <== bytes[AFTER + 67 + i];
        _ <== empty.at;
        empty.out[0] === 0xc0;
        end = after + 68;
    } else {
        // The vote: none, or a list of an address and one byte, which may stand behind a prefix; its content is not read.
        vote = PackedAt(AFTER, AFTER_COUNT, 1, 1, 1);
        vote.position <== after;
        for (var i = 0; i < AFTER_COUNT; i++) vote.bytes[i] <== bytes[AFTER + i];
        _ <== vote.at;
        var none = VARIANT == 4 ? 0xc0 : 0x80;
        // SOUND: the next rows: 0 for the byte that says none, otherwise the byte is one of the two list prefixes.
        signal hasVote <-- vote.out[0] == none ? 0 : 1;
        hasVote * (1 - hasVote) === 0;
        (1 - hasVote) * (vote.out[0] - none) === 0;
        signal votePrefix <== (vote.out[0] - 0xd6) * (vote.out[0] - 0xd7);
        hasVote * votePrefix === 0;
        signal voteLength <== hasVote * (vote.out[0] - 0xc0);
        signal roundPosition <== after + 1 + voteLength;
        // The round: QBFT one byte and the empty list of seals; IBFT 2.0 a prefix and four bytes.
        var ROUND = AFTER + 1;
        var ROUND_COUNT = AFTER_COUNT + 23;
        round = PackedAt(ROUND, ROUND_COUNT, 2, 1, 1);
        round.position <== roundPosition;
        for (var i = 0; i <= ROUND_COUNT; i++) round.bytes[i] <== bytes[ROUND + i];
        roundAt <== round.at;
        if (VARIANT == 4) {
            // 1 to 127, or 0x80 for round 0.
            AssertBits(7)(128 - round.out[0]);
            round.out[1] === 0xc0;
            roundByte <== round.out[0];
            end = roundPosition + 2;
        } else {
            round.out[0] === 0x84;
            _ <== round.out[1];
            roundByte <== 0;
            end = roundPosition + 5;
        }
    }
    end === extraEnd;

    // mixHash and nonce: a0, 32 bytes, 88, 8 bytes; then further items inside the outer list.
    var TAIL = istanbulTailFirst(VARIANT);
    var TAIL_COUNT = istanbulTailCount(VARIANT, TIER);
    component tail = PackedAt(TAIL, TAIL_COUNT, 2, 17, 17);
    tail.position <== extraEnd;
    for (var i = 0; i < TAIL_COUNT + 33; i++) tail.bytes[i] <== bytes[TAIL + i];
    _ <== tail.at;
    var mixHash[2] = istanbulMixHash();
    tail.out[0] === 0xa0 * (1 << 128) + mixHash[0];
    tail.out[1] === mixHash[1] * 256 + 0x88;
    AssertBits(11)(length - extraEnd - 42);
}
