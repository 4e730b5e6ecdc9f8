/**
 * Chooses and compiles the kernels: pairs on relaxed SIMD where the runtime has it and it computes right, else the plain ones.
 */
import { versions } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { createModule, f64x2, v128 } from '../wasm/assembler.js';
import { generateKernels } from '../wasm/kernels.js';
import { CONSTANTS_ADDRESS, MAXIMUM_PAGES } from '../wasm/layout.js';
import type { Kernels } from './task.js';

/** Compiled kernels, and the address of the scratch region that the first thread shall have. */
export type KernelModule = {
  readonly module: WebAssembly.Module;
  readonly scratchBytes: number;
  readonly isPaired: boolean;
};

const ELEMENT_BYTES = 32;
const PAIR_BYTES = 80;
/** Room for the operands and results of the check: five elements and three pairs. */
const CHECK_BYTES = 5 * ELEMENT_BYTES + 3 * PAIR_BYTES;
const CHECK_ROUNDS = 64;
/** Relaxed SIMD in V8 11.3: finished there, and on without a flag from the next release on. */
const FLAG = 'experimental-wasm-relaxed-simd';

/** Whether modules with a relaxed multiply-add are valid here. */
function hasRelaxedSimd(): boolean {
  const probe = createModule(CONSTANTS_ADDRESS, MAXIMUM_PAGES);
  probe.define('probe', 1, undefined, (body) => {
    const [address] = body.params;
    if (address === undefined) throw new RangeError('probe: no parameter');
    const vector = v128.load(address);
    return v128.store(address, f64x2.relaxedMadd(vector, vector, vector));
  });
  return WebAssembly.validate(probe.finish());
}

/**
 * Compiles with relaxed SIMD switched on where Node 20 needs that; at once there, so that the process is left as it was when this
 * returns, and engines that start together do not switch it off for each other.
 */
function compileRelaxed(
  wasm: Uint8Array<ArrayBuffer>,
): WebAssembly.Module | Promise<WebAssembly.Module> | undefined {
  if (hasRelaxedSimd()) return WebAssembly.compile(wasm);
  if (!versions.node.startsWith('20.')) return undefined;
  setFlagsFromString(`--${FLAG}`);
  try {
    return hasRelaxedSimd() ? new WebAssembly.Module(wasm) : undefined;
  } finally {
    setFlagsFromString(`--no-${FLAG}`);
  }
}

/**
 * Whether products of pairs equal plain ones: a relaxed multiply-add may round twice, and then none do.
 *
 * @param at - Address of {@link CHECK_BYTES} free bytes.
 */
export function computesRight(kernels: Kernels, memory: WebAssembly.Memory, at: number): boolean {
  const call = (name: string, ...args: number[]): void => {
    const kernel = kernels[name];
    if (kernel === undefined) throw new RangeError(`kernel ${name}: not in the module`);
    kernel(...args);
  };
  const bytes = new Uint8Array(memory.buffer, at, CHECK_BYTES);
  const [a, b, product, first, second] = [0, 1, 2, 3, 4].map((i) => at + i * ELEMENT_BYTES) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const [x, y, z] = [0, 1, 2].map((i) => at + 5 * ELEMENT_BYTES + i * PAIR_BYTES) as [number, number, number];
  // Any numbers below the prime will do.
  for (let i = 0; i < 2 * ELEMENT_BYTES; i++)
    bytes[i] = (i * 0x9d + 0x35) & (i % ELEMENT_BYTES === 31 ? 0x1f : 0xff);
  for (let round = 0; round < CHECK_ROUNDS; round++) {
    call('fqPairLoad', x, a, b);
    call('fqPairLoad', y, b, b);
    call('fqPairMul', z, x, y);
    call('fqPairReduce', z);
    call('fqPairStore', first, second, z);
    call('fqMul', product, a, b);
    call('fqMul', b, b, b);
    const offsets = Array.from({ length: ELEMENT_BYTES }, (_, i) => i);
    const equals = (left: number, right: number): boolean =>
      offsets.every((i) => bytes[left - at + i] === bytes[right - at + i]);
    if (!equals(first, product) || !equals(second, b)) return false;
    bytes.copyWithin(a - at, product - at, product - at + ELEMENT_BYTES);
  }
  return true;
}

async function compilePairs(
  memory: WebAssembly.Memory,
  reserveScratch: (sizeBytes: number) => number,
): Promise<KernelModule | undefined> {
  const { wasm, scratchBytes } = generateKernels('pairs');
  const module = await compileRelaxed(wasm);
  if (module === undefined) return undefined;
  const region = reserveScratch(scratchBytes + CHECK_BYTES);
  const scratch = new WebAssembly.Global({ value: 'i32' }, region);
  const instance = await WebAssembly.instantiate(module, { env: { memory, scratch } });
  const isRight = computesRight(instance.exports as unknown as Kernels, memory, region + scratchBytes);
  return isRight ? { module, scratchBytes, isPaired: true } : undefined;
}

/**
 * @param memory - The engine's; a check of the kernels runs in it.
 * @param reserveScratch - Gives the address of so many bytes that stay reserved.
 * @param relaxedSimd - False: never use it.
 */
export async function compileKernels(
  memory: WebAssembly.Memory,
  reserveScratch: (sizeBytes: number) => number,
  relaxedSimd: boolean,
): Promise<KernelModule> {
  const pairs = relaxedSimd ? await compilePairs(memory, reserveScratch) : undefined;
  if (pairs !== undefined) return pairs;
  const { wasm, scratchBytes } = generateKernels('plain');
  return { module: await WebAssembly.compile(wasm), scratchBytes, isPaired: false };
}
