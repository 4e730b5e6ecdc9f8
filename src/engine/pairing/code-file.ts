/** The source file that hands the module to verifiers: `src/verify/wasm/code.ts`. */
import { G2_GENERATOR } from '../../math/bn254.js';
import { generatePairing } from './index.js';
import { LINE_BYTES, TABLE_BYTES } from './layout.js';
import { LINE_COUNT } from './miller.js';

/** Text of the file. */
export function pairingCodeFile(): string {
  // In hexadecimal, because compression finds what repeats in it, and in base64 does not.
  const hex = [...generatePairing()].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const pair = (values: readonly bigint[]): string => `[\n${values.map((v) => `    ${v}n,\n`).join('')}  ]`;
  const { x, y } = G2_GENERATOR!;
  return [
    '/** Written by `npm run pairing-code` from `src/engine/pairing`: do not edit. A test generates it again and compares. */',
    "import type { G2 } from '../../statement/types.js';",
    '',
    '/** Bytes of all lines of a point. */',
    `export const LINES_BYTES: number = ${LINE_COUNT * LINE_BYTES};`,
    '/** Bytes of the multiples of a point of G1. */',
    `export const TABLE_BYTES: number = ${TABLE_BYTES};`,
    '/** The generator of G2 of EIP-197. */',
    `export const G2_GENERATOR: G2 = {\n  x: ${pair(x)},\n  y: ${pair(y)},\n};`,
    '/** The WebAssembly module, in hexadecimal. */',
    `export const PAIRING_CODE =\n  '${hex}';`,
    '',
  ].join('\n');
}
