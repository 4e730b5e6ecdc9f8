/**
 * A main file around templates that look up C-bit chunks: declares inputs, runs `body`, counts multiplicities and enforces
 * the balance with RangeTable(C). With C = 0 there is no table.
 *
 * @param body - Circom statements; they must leave `sum` (an expression of second-round values) and fill `looked[COUNT]`.
 */
export function withTable(
  chunkBits: number,
  options: {
    readonly includes: readonly string[];
    readonly signals: readonly string[];
    readonly count: string;
    readonly body: string;
  },
): string {
  return `pragma circom 2.2.0;
include "lib/lookup/RangeTable.circom";
${options.includes.map((path) => `include "${path}";`).join('\n')}
template Main(C) {
    ${options.signals.map((signal) => `signal ${signal};`).join('\n    ')}
    signal input chPole;
    var COUNT = ${options.count};
    var looked[COUNT];
    var sum = 0;
    ${options.body}
    if (C > 0) {
        var seen[1 << C];
        for (var j = 0; j < (1 << C); j++) {
            seen[j] = 0;
        }
        for (var i = 0; i < COUNT; i++) {
            if (looked[i] < (1 << C)) {
                seen[looked[i]] += 1;
            }
        }
        component table = RangeTable(C);
        for (var j = 0; j < (1 << C); j++) {
            table.count[j] <-- seen[j];
        }
        table.chPole <== chPole;
        table.chSum === sum;
    }
}
component main {public [chPole]} = Main(${chunkBits});`;
}

/** Circom statements that add a component's `chInverse` to `sum` and its `looked` to `looked` from position `at`. */
export function collect(component: string, count: string, at = '0'): string {
  return `if (C > 0) {
        for (var i = 0; i < ${count}; i++) {
            looked[${at} + i] = ${component}.looked[i];
            sum += ${component}.chInverse[i];
        }
    }`;
}
