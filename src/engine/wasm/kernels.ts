/**
 * Puts the kernels' WebAssembly module together.
 *
 * Generated at start in a few milliseconds: no file to find, no build step, the same in every host.
 */
import { BN254_Q, BN254_R } from '../../math/field.js';
import { createModule, type FunctionHandle } from './assembler.js';
import { defineAffineAddition, defineBatchAddition } from './curve.js';
import { defineAdditionPushes, defineGroupSums } from './group-sums.js';
import { CONSTANTS_ADDRESS, CONSTANTS_END, MAXIMUM_PAGES } from './layout.js';
import { definePairBatchAddition } from './pair-curve.js';
import { definePairExtension, definePairField } from './pair-field.js';
import { createVectorConstants } from './pair-limbs.js';
import { definePrimeField } from './prime-field.js';
import { defineQuadraticExtension } from './quadratic-extension.js';
import { defineScalarSorting } from './scalar-sorting.js';
import { defineScalarVectors } from './scalar-vectors.js';
import { defineTransforms } from './transform.js';

/** Plain kernels run everywhere; pairs need relaxed SIMD, see `pair-limbs.ts`. Results are the same. */
export type KernelKind = 'plain' | 'pairs';

/** The module's bytes, and how much scratch memory each thread must be given. */
export type KernelCode = { readonly wasm: Uint8Array<ArrayBuffer>; readonly scratchBytes: number };

/** Generates the kernels. */
export function generateKernels(kind: KernelKind): KernelCode {
  const module = createModule(CONSTANTS_ADDRESS, MAXIMUM_PAGES);
  const fr = definePrimeField(module, 'fr', BN254_R);
  const fq = definePrimeField(module, 'fq', BN254_Q);
  const fq2 = defineQuadraticExtension(module, 'fq2', fq);
  const [g1, g2] = [defineAffineAddition(module, 'g1', fq), defineAffineAddition(module, 'g2', fq2)];
  const defineBatches = (): readonly [FunctionHandle, FunctionHandle] => {
    if (kind === 'plain')
      return [defineBatchAddition(module, 'g1', fq, g1), defineBatchAddition(module, 'g2', fq2, g2)];
    const constants = createVectorConstants(module);
    const fqPairs = definePairField(module, 'fq', BN254_Q, constants);
    const fq2Pairs = definePairExtension(module, 'fq2', fqPairs);
    return [
      definePairBatchAddition(module, 'g1', fq, fqPairs, constants, g1),
      definePairBatchAddition(module, 'g2', fq2, fq2Pairs, constants, g2),
    ];
  };
  const [g1Batch, g2Batch] = defineBatches();
  defineGroupSums(module, 'g1', 2 * fq.sizeBytes, g1Batch, g1.take);
  defineGroupSums(module, 'g2', 2 * fq2.sizeBytes, g2Batch, g2.take);
  defineAdditionPushes(module);
  defineScalarSorting(module);
  defineScalarVectors(module, fr);
  defineTransforms(module, fr);
  if (module.constant(new Uint8Array(0)) > CONSTANTS_END)
    throw new RangeError('constants: too many for their place');
  return { wasm: module.finish(), scratchBytes: module.scratchBytes() };
}
