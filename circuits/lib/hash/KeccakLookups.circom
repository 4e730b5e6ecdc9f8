pragma circom 2.2.0;

include "lib/hash/KeccakTables.circom";

/// @title KeccakLookups
/// @notice So many lookups in one of Keccak's tables.
/// @param COUNT lookups
/// @param TAG the table, see `KeccakTables`
/// @input key[COUNT], image[COUNT] the tuples; enforced here together with the balance in the caller's top template.
/// @input chPole, chX, chX2 the pole x^E (`LookupPole`, LOG_E ≥ 24), x and x²; requires: computed so from the challenge x.
/// @output chSum of 1/(z − tuple) (second round).
/// @output looked[…] table and key of each lookup, for counting only: see `KeccakTables`.
/// @soundness The first factor of each row is the inverse of the second, so the sum is determined by the tuples.
/// @cost 2·COUNT rows.
template KeccakLookups(COUNT, TAG) {
    signal input key[COUNT];
    signal input image[COUNT];
    signal input chPole;
    signal input chX;
    signal input chX2;
    signal output chSum;
    signal output looked[keccakPacked(COUNT)];

    signal chFold[COUNT];
    signal chRunning[COUNT];

    // One inversion serves all: denominators multiplied up, then taken off one by one.
    var product[COUNT + 1];
    var inverse[COUNT];
    product[0] = 1;
    for (var i = 0; i < COUNT; i++) {
        chFold[i] <== chX * image[i];
        product[i + 1] = product[i] * (chPole - key[i] - chFold[i] - TAG * chX2);
    }
    var running = 1 / product[COUNT];
    for (var i = COUNT - 1; i >= 0; i--) {
        inverse[i] = running * product[i];
        running *= chPole - key[i] - chFold[i] - TAG * chX2;
    }
    var before = 0;
    for (var i = 0; i < COUNT; i++) {
        // SOUND: the next row.
        chRunning[i] <-- before + inverse[i];
        (chRunning[i] - before) * (chPole - key[i] - chFold[i] - TAG * chX2) === 1;
        before = chRunning[i];
    }
    chSum <== chRunning[COUNT - 1];
    for (var j = 0; j < keccakPacked(COUNT); j++) {
        var packed = 0;
        for (var i = 10 * j; i < COUNT && i < 10 * j + 10; i++) {
            packed += keccakLooked(TAG, key[i]) << (24 * (i % 10));
        }
        // SOUND: not constrained; counts multiplicities.
        looked[j] <-- packed;
    }
}
