pragma circom 2.2.0;

// Places in the RLP of an Istanbul header. Items before the number stand at fixed places; number, gasLimit, gasUsed and timestamp take
// one to nine bytes each, so extraData begins at one of 33 places from byte 453 on. VARIANT: 2 IBFT 1.0, 3 IBFT 2.0, 4 QBFT.

/// First place of the prefix of the list inside extraData, which has 34 places.
function istanbulListFirst(VARIANT) {
    return VARIANT == 2 ? 455 + 32 : 455;
}

/// First place behind a list of one validator.
function istanbulAfterFirst(VARIANT) {
    return istanbulListFirst(VARIANT) + 2 + (VARIANT == 2 ? 0 : 33) + 1 + 21;
}

/// Places behind a list of 1 to TIER validators.
function istanbulAfterCount(TIER) {
    return 37 + 21 * (TIER - 1);
}

/// First place of the round; of the proposer seal in IBFT 1.0.
function istanbulRoundFirst(VARIANT) {
    return istanbulAfterFirst(VARIANT) + (VARIANT == 2 ? 0 : 1);
}

/// Places of the round: a vote before it takes 1 to 24 bytes.
function istanbulRoundCount(VARIANT, TIER) {
    return istanbulAfterCount(TIER) + (VARIANT == 2 ? 0 : 23);
}

/// First place of the mixHash.
function istanbulTailFirst(VARIANT) {
    if (VARIANT == 2) return istanbulAfterFirst(VARIANT) + 68;
    if (VARIANT == 3) return istanbulRoundFirst(VARIANT) + 5;
    return istanbulRoundFirst(VARIANT) + 2;
}

/// Places of the mixHash.
function istanbulTailCount(VARIANT, TIER) {
    return istanbulRoundCount(VARIANT, TIER);
}

/// Halves of the mixHash that marks Istanbul headers: the last 32 bytes of "practical byzantine fault tolerance" in ASCII.
function istanbulMixHash() {
    var text[32] = [
        99, 116, 105, 99, 97, 108, 32, 98, 121, 122, 97, 110, 116, 105, 110, 101,
        32, 102, 97, 117, 108, 116, 32, 116, 111, 108, 101, 114, 97, 110, 99, 101
    ];
    var halves[2] = [0, 0];
    for (var i = 0; i < 32; i++) halves[i \ 16] = 256 * halves[i \ 16] + text[i];
    return halves;
}
