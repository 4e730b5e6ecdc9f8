/**
 * What the generators of the pairing share: addresses, room, constants; and Fq2 with what the twist and the tower need of it beside the engine's
 * kernels. ξ = 9 + u. Every function allows its result to be one of its inputs.
 */
import { type Code, call, type FunctionHandle, i32, type Local, type Operand } from '../wasm/assembler.js';
import { copyElement, encodeWords } from '../wasm/limbs.js';
import { definePrimeField, type FieldFunctions, type PrimeFieldFunctions } from '../wasm/prime-field.js';
import { defineQuadraticExtension } from '../wasm/quadratic-extension.js';
import { BN254_Q, frobeniusFactor } from './constants.js';
import { FQ_BYTES, FQ2_BYTES } from './layout.js';
import type { PairingModule } from './module.js';

/** An address: a number where it is known when the code is made. */
export type Address = Operand<'i32'>;

/** An address so many bytes further on. */
export function offset(address: Address, bytes: number): Address {
  if (bytes === 0) return address;
  return typeof address === 'number' ? address + bytes : i32.add(address, bytes);
}

/** Copies a number of bytes that is a multiple of 8. */
export function copy(out: Address, a: Address, sizeBytes: number): Code {
  return copyElement(sizeBytes, i32.add(out, 0), a);
}

/** The i-th coefficient in Fq2 of an element of Fq6 or Fq12. */
export const part = (address: Address, i: number): Address => offset(address, i * FQ2_BYTES);

const toMontgomery = (value: bigint): Uint8Array => encodeWords((value << 256n) % BN254_Q);

/** Puts an element of Fq or, by its coefficients, of an extension into the module's constants. */
export function constantOf(module: PairingModule, coefficients: readonly bigint[]): number {
  return module.constant(new Uint8Array(coefficients.flatMap((value) => [...toMontgomery(value)])));
}

/** Defines a function without result whose parameters are addresses. */
export function define(
  module: PairingModule,
  name: string,
  params: number,
  build: (...params: readonly Local<'i32'>[]) => Code,
): FunctionHandle {
  return module.define(name, params, undefined, (body) => build(...body.params));
}

/** Room for so many elements. */
export const room = (module: PairingModule, count: number, sizeBytes: number): number[] =>
  Array.from({ length: count }, () => module.reserve(sizeBytes));

/** Fq2 with what the tower and the twist need beside the engine's kernels. */
export type TwistField = {
  readonly fq: PrimeFieldFunctions;
  readonly fq2: FieldFunctions;
  /** (out, a): ξ·a */
  readonly mulXi: FunctionHandle;
  /** (out, a): a^q, which is a0 − a1·u. */
  readonly conjugate: FunctionHandle;
  /** Address of {@link frobeniusFactor} of i, i = 1 … 5. */
  readonly frobeniusFactor: (i: number) => number;
};

/** Adds Fq and Fq2 to a module. */
export function defineTwistField(module: PairingModule): TwistField {
  const fq = definePrimeField(module, 'fq', BN254_Q);
  const fq2 = defineQuadraticExtension(module, 'fq2', fq);
  const factors = [1, 2, 3, 4, 5].map((i) => constantOf(module, frobeniusFactor(i)));
  // 9a0 − a1 + (9a1 + a0)·u
  const mulXi = define(module, 'fq2MulXi', 2, (out, a) => {
    const nine = module.reserve(FQ2_BYTES);
    return [
      call(fq2.add, nine, a, a),
      call(fq2.add, nine, nine, nine),
      call(fq2.add, nine, nine, nine),
      call(fq2.add, nine, nine, a),
      call(fq.add, nine + FQ_BYTES, nine + FQ_BYTES, a),
      call(fq.sub, out, nine, offset(a, FQ_BYTES)),
      copy(offset(out, FQ_BYTES), nine + FQ_BYTES, FQ_BYTES),
    ];
  });
  const conjugate = define(module, 'fq2Conjugate', 2, (out, a) => [
    copy(out, a, FQ_BYTES),
    call(fq.neg, offset(out, FQ_BYTES), offset(a, FQ_BYTES)),
  ]);
  return { fq, fq2, mulXi, conjugate, frobeniusFactor: (i) => factors[i - 1]! };
}

/** The operations of Fq2 as code, and room for so many of its elements. */
export function twistOperations(module: PairingModule, { fq2, mulXi }: TwistField) {
  const unary =
    (target: FunctionHandle) =>
    (out: Operand<'i32'>, a: Operand<'i32'>): Code =>
      call(target, out, a);
  const binary =
    (target: FunctionHandle) =>
    (out: Operand<'i32'>, a: Operand<'i32'>, b: Operand<'i32'>): Code =>
      call(target, out, a, b);
  return {
    add: binary(fq2.add),
    sub: binary(fq2.sub),
    mul: binary(fq2.mul),
    square: unary(fq2.square),
    neg: unary(fq2.neg),
    timesXi: unary(mulXi),
    fresh: (count: number): number[] => room(module, count, FQ2_BYTES),
  };
}
