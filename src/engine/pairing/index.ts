/**
 * The WebAssembly module of the pairing: built by `npm run pairing-code`, kept as bytes in `src/verify/wasm/code.ts`, so that verifiers need no
 * assembler. Its arithmetic is that of the engine's kernels. Not constant in time: verifiers know no secrets.
 */
import { call, countUp } from '../wasm/assembler.js';
import { FQ_BYTES } from './layout.js';
import { definePairing } from './miller.js';
import { buildModule, type PairingModule } from './module.js';
import { defineG1, defineG2 } from './points.js';
import { defineFq12 } from './tower.js';
import { define, defineTwistField } from './twist-field.js';

/** What verifiers call. Addresses are above the first page; see `points.ts` and `miller.ts`. */
export const PAIRING_EXPORTS = [
  'encode',
  'decode',
  'g1Table',
  'g1Sum',
  'g2Multiply',
  'g2IsMember',
  'lines',
  'miller',
  'fq12Mul',
  'finalExponentiation',
] as const;

/** Defines all functions; tests export more of them. */
export function defineAll(module: PairingModule): void {
  const twist = defineTwistField(module);
  const { fq } = twist;
  // (address, end): integers below q to Montgomery form and back, in place
  for (const [name, convert] of [
    ['encode', fq.toMontgomery],
    ['decode', fq.fromMontgomery],
  ] as const)
    define(module, name, 2, (address, end) =>
      countUp(address, address, end, FQ_BYTES, call(convert, address, address)),
    );
  const fq12 = defineFq12(module, twist);
  defineG1(module, twist);
  const { endomorphism } = defineG2(module, twist);
  definePairing(module, twist, fq12, endomorphism);
}

/** Generates the module with these exports. */
export function generatePairing(exported: readonly string[] = PAIRING_EXPORTS): Uint8Array<ArrayBuffer> {
  return buildModule(defineAll, exported);
}
