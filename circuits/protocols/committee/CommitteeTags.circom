pragma circom 2.2.0;

// Domain tags, keccak256("zkfinality/<label>") mod 2^248; a test derives them again.

/// Label set/v1.
function committeeSetTag() {
    return 336455061833466772023445177847804438081290284717223381831813921651747319133;
}

/// Label committee-block/v1.
function committeeBlockTag() {
    return 11539544049314622364526738807182515519874780289623140700455631011252696341;
}

/// Label committee-vote/v1.
function committeeVoteTag() {
    return 431907180293362575208555410670529063014352834910091492032559657370763112895;
}
