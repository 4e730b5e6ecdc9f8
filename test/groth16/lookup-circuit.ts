/**
 * A small two-round circuit with real lookups, in Circom: four values below 2^8 by one table of 256 rows, and one triple
 * (a, b, a xor b) of 2-bit values by a table of 16 rows. Public: total = Σ values + (a xor b), and the challenge x.
 *
 * Pole z = x^64: above fold degree 2 times the 16 other inverses of the tuple balance.
 */
export const lookupCircuitSource = `pragma circom 2.2.0;

template LookupExample() {
    signal input total;
    signal input x;
    signal input values[4];
    signal input a;
    signal input b;

    // Powers of the challenge: chPower[i] = x^(2^(i+1)); the pole is the last, x^64.
    signal chPower[6];
    chPower[0] <== x * x;
    for (var i = 1; i < 6; i++) { chPower[i] <== chPower[i - 1] * chPower[i - 1]; }

    // Multiplicities and the tuple's last entry, all committed before x.
    var seen[256];
    for (var i = 0; i < 256; i++) { seen[i] = 0; }
    for (var i = 0; i < 4; i++) { if (values[i] < 256) { seen[values[i]] += 1; } }
    signal counts[256];
    // SOUND: the balance below holds only for the true multiplicities of the looked-up values.
    for (var i = 0; i < 256; i++) { counts[i] <-- seen[i]; }
    signal both;
    // SOUND: (a, b, both) is looked up in the table of exclusive or.
    both <-- a ^ b;
    signal uses[16];
    // SOUND: the tuple balance.
    for (var i = 0; i < 16; i++) { uses[i] <-- (4 * a + b == i) ? 1 : 0; }

    signal chInverse[4];
    signal chRow[256];
    var looked = 0;
    for (var i = 0; i < 4; i++) {
        // SOUND: the next line.
        chInverse[i] <-- 1 / (chPower[5] - values[i]);
        chInverse[i] * (chPower[5] - values[i]) === 1;
        looked += chInverse[i];
    }
    var table = 0;
    for (var j = 0; j < 256; j++) {
        // SOUND: the next line.
        chRow[j] <-- counts[j] / (chPower[5] - j);
        chRow[j] * (chPower[5] - j) === counts[j];
        table += chRow[j];
    }
    looked === table;

    signal chFold[2];
    chFold[0] <== b * x;
    chFold[1] <== both * chPower[0];
    signal chTuple;
    // SOUND: the next line.
    chTuple <-- 1 / (chPower[5] - a - chFold[0] - chFold[1]);
    chTuple * (chPower[5] - a - chFold[0] - chFold[1]) === 1;
    signal chTupleRow[16];
    var tuples = 0;
    for (var j = 0; j < 16; j++) {
        var p = j \\ 4;
        var q = j % 4;
        // SOUND: the next line.
        chTupleRow[j] <-- uses[j] / (chPower[5] - p - q * x - (p ^ q) * chPower[0]);
        chTupleRow[j] * (chPower[5] - p - q * x - (p ^ q) * chPower[0]) === uses[j];
        tuples += chTupleRow[j];
    }
    chTuple === tuples;

    total === values[0] + values[1] + values[2] + values[3] + both;
}

component main {public [total, x]} = LookupExample();
`;

/** An input of the circuit without the challenge. */
export const lookupInput = {
  total: 3n + 255n + 0n + 3n + (2n ^ 3n),
  values: [3n, 255n, 0n, 3n],
  a: 2n,
  b: 3n,
};

/** A small plain circuit with an output: out = (a·b)² + 3·a − 7, two private factors. */
export const plainCircuitSource = `pragma circom 2.2.0;

template PlainExample() {
    signal input a;
    signal input b;
    signal output out;
    signal product <== a * b;
    signal square <== product * product;
    out <== square + 3 * a - 7;
}

component main = PlainExample();
`;
