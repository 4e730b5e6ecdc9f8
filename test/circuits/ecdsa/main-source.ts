/** Main files for the ECDSA circuits under test. */

const slotInputs = (slots: string) =>
  ['r', 's', 'noncePointY', 'publicKeyX', 'publicKeyY'].map((name) => `signal input ${name}${slots}[4];`);
const names = ['messageHash', 'r', 's', 'noncePointY', 'publicKeyX', 'publicKeyY'];

/** A circuit around `EcdsaBatch` with its range table; `chunkBits` = 0 builds the plain one, which has no input x. */
export function batchSource(chunkBits: number, slots: number): string {
  return wrap('EcdsaBatch', chunkBits, `${chunkBits}, ${slots}`, `[${slots}]`, ['nonce']);
}

/** A circuit around `EcdsaVerify` with its range table. */
export function verifySource(chunkBits: number): string {
  return wrap('EcdsaVerify', chunkBits, `${chunkBits}`, '', []);
}

function wrap(
  template: string,
  chunkBits: number,
  parameters: string,
  slots: string,
  more: string[],
): string {
  const lookups = chunkBits > 0;
  return `pragma circom 2.2.0;
include "lib/lookup/LookupPole.circom";
include "lib/lookup/RangeTable.circom";
include "lib/signature/${template}.circom";
template Main() {
    signal input messageHash[4];
    ${slotInputs(slots).join('\n    ')}
    ${more.map((name) => `signal input ${name};`).join('\n    ')}
    ${lookups ? 'signal input x;' : ''}
    component verify = ${template}(${parameters});
    ${[...names, ...more].map((name) => `verify.${name} <== ${name};`).join('\n    ')}
    verify.chX <== ${lookups ? 'x' : '0'};
    verify.chPole <== ${lookups ? 'LookupPole(25)(x)' : '0'};
    ${lookups ? table(chunkBits, `looked${template}(${parameters})`) : '_ <== verify.chSum;'}
}
component main${lookups ? ' {public [x]}' : ''} = Main();`;
}

function table(chunkBits: number, looked: string): string {
  return `var ROWS = 1 << ${chunkBits};
    var seen[ROWS];
    for (var j = 0; j < ROWS; j++) {
        seen[j] = 0;
    }
    for (var i = 0; i < ${looked} + hintZero(x); i++) {
        if (verify.looked[i] < ROWS) {
            seen[verify.looked[i]] += 1;
        }
    }
    component table = RangeTable(${chunkBits});
    for (var j = 0; j < ROWS; j++) {
        table.count[j] <-- seen[j];
    }
    table.chPole <== verify.chPole;
    verify.chSum === table.chSum;`;
}
