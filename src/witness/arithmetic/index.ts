/**
 * Gives a witness program of the Circom compiler a faster arithmetic.
 *
 * Such a program spends most of its time in some fifty functions `Fr_…` on field elements, which the compiler puts into every
 * program. Here the busy ones get other code for the same values: short forms first and kept, products as in the engine's kernels,
 * small products and divisions directly, comparisons and shifts without detours. What is rare stays the compiler's own code.
 *
 * A witness is a claim that the prover checks against every constraint; wrong arithmetic could make a proof fail, never a false one pass.
 */

import { createExtension, type ExtensionBuilder, type FunctionHandle } from '../../engine/wasm/assembler.js';
import { definePrimeField } from '../../engine/wasm/prime-field.js';
import { BN254_R } from '../../math/field.js';
import { defineBits } from './bits.js';
import { defineComparisons } from './comparisons.js';
import { defineDivision } from './division.js';
import { defineForms } from './forms.js';
import { type FunctionEntries, readModuleFile } from './module-file.js';
import { defineProducts } from './products.js';
import { defineSums } from './sums.js';

const PAGE_BYTES = 65536;
/** Functions that the new ones call where they give up: they get a place of their own with their old code. */
const KEPT = ['Fr_shl', 'Fr_shr', 'Fr_idiv', 'Fr_mod'] as const;
type Kept = (typeof KEPT)[number];
const PREFIX = 'Fr_';

/**
 * Exchanges the arithmetic of a witness program.
 *
 * @param wasm - A module of Circom 2 over BN254's scalar field.
 * @param pagesFor - Pages of 64 KiB that a program may use which declares so many.
 * @returns The changed module, whose memory starts with that many pages and one more; undefined where the program has not the
 *   functions that are known here, and must be run as it is.
 */
export function withFastArithmetic(
  wasm: Uint8Array,
  pagesFor: (declared: number) => number,
): Uint8Array<ArrayBuffer> | undefined {
  const file = readModuleFile(wasm);
  if (file === undefined) return undefined;
  const endPage = pagesFor(file.memoryPages);
  const constantsAt = endPage * PAGE_BYTES;
  const program = createExtension({
    firstFunction: file.functionCount + KEPT.length,
    constantsAt,
    scratchAt: constantsAt + PAGE_BYTES / 2,
  });
  defineArithmetic(program, (name) => ({
    index: file.functionCount + KEPT.indexOf(name),
    params: ['i32', 'i32', 'i32'],
    result: undefined,
  }));

  const functions = program.functions();
  const old = new Map<string, FunctionEntries>();
  const replaced = new Map<number, ArrayLike<number>>();
  for (const { name, type, code } of functions) {
    if (!name.startsWith(PREFIX)) continue;
    const index = file.names.get(name) ?? -1;
    const found = file.functionOf(index);
    if (found === undefined || !equal(found.type, type)) return undefined;
    old.set(name, found);
    replaced.set(index, code);
  }
  return file.change({
    replaced,
    added: [...KEPT.map((name) => old.get(name) as FunctionEntries), ...functions],
    memoryPages: endPage + 1,
    data: { address: constantsAt, bytes: program.constants() },
  });
}

/**
 * Defines the functions that replace those of the same names, and what they call.
 *
 * @param original - Where the old code of a function is.
 */
function defineArithmetic(program: ExtensionBuilder, original: (name: Kept) => FunctionHandle): void {
  const field = definePrimeField(program, 'field', BN254_R);
  const forms = defineForms(program, field);
  defineSums(program, field, forms);
  defineProducts(program, field, forms);
  defineComparisons(program, forms);
  defineBits(program, forms, { shl: original('Fr_shl'), shr: original('Fr_shr') });
  defineDivision(program, forms, { idiv: original('Fr_idiv'), mod: original('Fr_mod') });
}

function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((byte, i) => byte === b[i]);
}
