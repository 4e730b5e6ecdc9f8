pragma circom 2.2.0;

include "lib/bits/AssertBits.circom";

/// @title RlpUint64
/// @notice An RLP integer of at most 64 bits: one byte below 128, or a prefix 128 + k and k <= 8 bytes, big-endian. Canonical ones only.
/// @input bytes[9] the item's first byte and the eight that follow. requires: each [0, 256)
/// @output value [0, 2^64)
/// @output itemLength [1, 9]: bytes that the item takes
/// @soundness `small` and `length[k]` are one-hot over ten shapes that have disjoint first bytes, 1..127 and 128..136, so the shape is unique;
///     no leading zeros and no single byte below 128 behind a prefix (Ethereum yellow paper, appendix B), so the value has one encoding
/// @cost 44 rows
template RlpUint64() {
    signal input bytes[9];
    signal output value;
    signal output itemLength;

    // SOUND: the rows below leave one shape for each first byte.
    signal small <-- bytes[0] < 128 ? 1 : 0;
    small * (1 - small) === 0;
    signal length[9];
    var ones = small;
    var prefix = 0;
    var size = 1;
    for (var k = 0; k <= 8; k++) {
        // SOUND: as above.
        length[k] <-- bytes[0] == 128 + k ? 1 : 0;
        length[k] * (1 - length[k]) === 0;
        ones += length[k];
        prefix += length[k] * (128 + k);
        size += length[k] * k;
    }
    ones === 1;

    // A single byte: 1 to 127.
    signal single <== small * bytes[0];
    bytes[0] - single === prefix;
    AssertBits(7)(single);
    // SOUND: 0 where small is 0, which is enforced; the inverse otherwise. It shows that a single byte is not 0.
    signal inverse <-- single != 0 ? 1 / single : 0;
    single * inverse === small;
    (1 - small) * inverse === 0;

    // Behind a prefix: no leading zero, and a single byte there is 128 or more.
    signal longer <== 1 - small - length[0];
    signal first <== longer * bytes[1];
    // SOUND: 0 where there is no payload, which is enforced; the inverse of its first byte otherwise, which is not 0.
    signal leading <-- first != 0 ? 1 / first : 0;
    first * leading === longer;
    (1 - longer) * leading === 0;
    signal one <== length[1] * (bytes[1] - 128);
    AssertBits(7)(one);

    signal part[8];
    var sum = single;
    for (var k = 1; k <= 8; k++) {
        var number = 0;
        for (var j = 1; j <= k; j++) number = 256 * number + bytes[j];
        part[k - 1] <== length[k] * number;
        sum += part[k - 1];
    }
    value <== sum;
    itemLength <== size;
}
