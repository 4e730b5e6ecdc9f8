/**
 * Puts the kernels' WebAssembly module together.
 *
 * Generated at start in a few milliseconds: no file to find, no build step, the same in every host.
 */
import { BN254_Q, BN254_R } from '../../math/field.js';
import { createModule } from './assembler.js';
import { defineBatchAddition } from './curve.js';
import { CONSTANTS_ADDRESS, CONSTANTS_END, MAXIMUM_PAGES } from './layout.js';
import { definePrimeField } from './prime-field.js';
import { defineQuadraticExtension } from './quadratic-extension.js';
import { defineScalarVectors } from './scalar-vectors.js';
import { defineTransforms } from './transform.js';

/** The module's bytes, and how much scratch memory each thread must be given. */
export type KernelCode = { readonly wasm: Uint8Array<ArrayBuffer>; readonly scratchBytes: number };

/** Generates the kernels. */
export function generateKernels(): KernelCode {
  const module = createModule(CONSTANTS_ADDRESS, MAXIMUM_PAGES);
  const fr = definePrimeField(module, 'fr', BN254_R);
  const fq = definePrimeField(module, 'fq', BN254_Q);
  const fq2 = defineQuadraticExtension(module, 'fq2', fq);
  defineBatchAddition(module, 'g1', fq);
  defineBatchAddition(module, 'g2', fq2);
  defineScalarVectors(module, fr);
  defineTransforms(module, fr);
  if (module.constant(new Uint8Array(0)) > CONSTANTS_END)
    throw new RangeError('constants: too many for their place');
  return { wasm: module.finish(), scratchBytes: module.scratchBytes() };
}
