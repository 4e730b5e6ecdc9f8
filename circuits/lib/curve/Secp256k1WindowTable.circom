pragma circom 2.2.0;

include "lib/lookup/TupleLookup.circom";

/// @title Secp256k1WindowTable
/// @notice Selects SIGN·(2b - 15)·P for W digits b in 0 … 15 from the odd multiples of P. With lookups: a table of the 16 tuples
///         (b, x limbs, y limbs) with a balance of its own; else one-hot selectors. Negative points carry negated y limbs.
/// @param C chunk bits: 0 selects by bits, else by lookups
/// @param W number of digits
/// @param SIGN 1, or -1 for the negated table
/// @input multipleX[8][4], multipleY[8][4] limbs of (2m + 1)·P, allowed [0, 2^limbBits(C)); requires: constrained by the owner
/// @input digit[W] [0, 16) enforced here
/// @input chX the challenge and chPole z of LookupPole; 0 for bits
/// @output x[W][4] limbs, allowed [0, 2^limbBits(C)); y[W][4] limbs, allowed (-2^limbBits(C), 2^limbBits(C))
/// @soundness the constant index in each row makes digits unique keys; tuples of nine components, so LookupPole needs 2^LOG_E > 8·(N + T - 1)
/// @cost lookups: 83 rows and 1 linear for the table, 9 rows a digit; bits: 80 rows and 10 linear a digit
template Secp256k1WindowTable(C, W, SIGN) {
    assert(SIGN == 1 || SIGN == -1);
    signal input multipleX[8][4];
    signal input multipleY[8][4];
    signal input digit[W];
    signal input chX;
    signal input chPole;
    signal output x[W][4];
    signal output y[W][4];

    // Row b holds the multiple of index `magnitude[b]` with the sign `sign[b]`.
    var magnitude[16];
    var sign[16];
    for (var b = 0; b < 16; b++) {
        magnitude[b] = b < 8 ? 7 - b : b - 8;
        sign[b] = b < 8 ? -SIGN : SIGN;
    }
    var rowX[16][4];
    var rowY[16][4];
    var used[16];
    for (var b = 0; b < 16; b++) {
        used[b] = 0;
        for (var j = 0; j < 4; j++) {
            rowX[b][j] = multipleX[magnitude[b]][j];
            rowY[b][j] = sign[b] * multipleY[magnitude[b]][j];
        }
    }
    for (var w = 0; w < W; w++) {
        used[digit[w] & 15] += 1;
        for (var j = 0; j < 4; j++) {
            // SOUND: the lookup (or the selection) below ties all limbs to the digit.
            x[w][j] <-- rowX[digit[w] & 15][j];
            y[w][j] <-- rowY[digit[w] & 15][j];
        }
    }

    if (C == 0) {
        signal isDigit[W][16];
        signal partX[W][8][4];
        signal partY[W][8][4];
        for (var w = 0; w < W; w++) {
            var one = 0;
            var value = 0;
            for (var b = 0; b < 16; b++) {
                // SOUND: binary, one of them is 1, and its index is the digit.
                isDigit[w][b] <-- digit[w] == b;
                isDigit[w][b] * (isDigit[w][b] - 1) === 0;
                one += isDigit[w][b];
                value += b * isDigit[w][b];
            }
            one === 1;
            digit[w] === value;
            for (var j = 0; j < 4; j++) {
                var selectedX = 0;
                var selectedY = 0;
                for (var m = 0; m < 8; m++) {
                    partX[w][m][j] <== (isDigit[w][8 + m] + isDigit[w][7 - m]) * multipleX[m][j];
                    partY[w][m][j] <== (isDigit[w][8 + m] - isDigit[w][7 - m]) * multipleY[m][j];
                    selectedX += partX[w][m][j];
                    selectedY += SIGN * partY[w][m][j];
                }
                x[w][j] === selectedX;
                y[w][j] === selectedY;
            }
        }
    } else {
        component lookup = TupleLookup(W, 9);
        for (var w = 0; w < W; w++) {
            lookup.value[w][0] <== digit[w];
            for (var j = 0; j < 4; j++) {
                lookup.value[w][1 + j] <== x[w][j];
                lookup.value[w][5 + j] <== y[w][j];
            }
        }
        lookup.chX <== chX;
        lookup.chPole <== chPole;

        // Folds of x with x^1 … x^4 and of y with x^5 … x^8, shared by the two signs.
        signal chSquare <== chX * chX;
        signal chFourth <== chSquare * chSquare;
        signal chFifth <== chFourth * chX;
        signal chFoldX[8][4];
        signal chFoldY[8][4];
        for (var m = 0; m < 8; m++) {
            var foldX = 0;
            var foldY = 0;
            for (var j = 3; j >= 0; j--) {
                chFoldX[m][j] <== (foldX + multipleX[m][j]) * chX;
                chFoldY[m][j] <== (foldY + multipleY[m][j]) * (j == 0 ? chFifth : chX);
                foldX = chFoldX[m][j];
                foldY = chFoldY[m][j];
            }
        }
        signal count[16];
        signal chRow[16];
        var balance = 0;
        for (var b = 0; b < 16; b++) {
            // SOUND: any value; the balance below holds for the right multiplicities alone.
            count[b] <-- used[b];
            var fold = b + chFoldX[magnitude[b]][0] + sign[b] * chFoldY[magnitude[b]][0];
            // SOUND: the row below.
            chRow[b] <-- count[b] / (chPole - fold);
            chRow[b] * (chPole - fold) === count[b];
            balance += chRow[b];
        }
        for (var w = 0; w < W; w++) {
            balance -= lookup.chInverse[w];
        }
        balance === 0;
    }
}
