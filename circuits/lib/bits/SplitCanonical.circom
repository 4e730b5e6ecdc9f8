pragma circom 2.2.0;

include "lib/bits/Num2BitsStrict.circom";

/// @title SplitCanonical
/// @notice The low and the high part of a field element's canonical representative.
/// @param LOW_BITS width of the low part, 1 to 253
/// @input in any field element
/// @output low [0, 2^LOW_BITS)
/// @output high [0, 2^(254 − LOW_BITS)): in = high·2^LOW_BITS + low < r over the integers
/// @soundness both are sums of digits of the one canonical decomposition
/// @cost Num2BitsStrict and 2 linear constraints
template SplitCanonical(LOW_BITS) {
    assert(LOW_BITS >= 1 && LOW_BITS <= 253);
    signal input in;
    signal output low;
    signal output high;

    signal digits[254] <== Num2BitsStrict()(in);
    var lowSum = 0;
    var highSum = 0;
    for (var i = 0; i < LOW_BITS; i++) {
        lowSum += digits[i] * (1 << i);
    }
    for (var i = LOW_BITS; i < 254; i++) {
        highSum += digits[i] * (1 << (i - LOW_BITS));
    }
    low <== lowSum;
    high <== highSum;
}
