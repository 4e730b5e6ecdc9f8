pragma circom 2.2.0;

/// @title Binary
/// @notice Checks that a signal is 0 or 1 and hands it on with the tag.
/// @input in {0, 1} enforced here
/// @output out {binary}: in
/// @soundness in·(in − 1) = 0 has the roots 0 and 1 only
/// @cost 1 non-linear constraint
template Binary() {
    signal input in;
    signal output {binary} out;

    in * (in - 1) === 0;
    out <== in;
}
