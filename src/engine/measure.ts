/**
 * Prints what the engine's parts cost on this machine: `node dist/engine/measure.js [threads]`.
 *
 * Kernels run alone in this thread, best of several rounds; sums of products, transforms and multiples of a base run on the
 * WASM engine, with the time that passed and the time of all processors together: the latter hardly depends on what else runs.
 */
import { encodeG1, encodeG2, G1_GENERATOR, G2_GENERATOR } from '../math/bn254.js';
import { compileKernels } from './threads/kernel-module.js';
import { ADDITION_BYTES, MAXIMUM_PAGES } from './wasm/layout.js';
import { createWasmEngine } from './wasm-engine.js';

const ROUNDS = 100;
const ELEMENTS = 4096;

function report(name: string, value: number, unit: string): void {
  process.stdout.write(`${name.padEnd(36)} ${value.toFixed(value < 10 ? 2 : 1).padStart(9)} ${unit}\n`);
}

/** Least time of one round, in nanoseconds an operation. */
function best(operations: number, round: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < ROUNDS; i++) {
    const start = performance.now();
    round();
    least = Math.min(least, performance.now() - start);
  }
  return (least * 1e6) / operations;
}

type Run = (name: string, ...args: number[]) => void;

function measureField(run: Run, a: number, b: number): void {
  report(
    'multiplication in Fr',
    best(ELEMENTS, () => run('frVectorMultiply', b, b, a, ELEMENTS)),
    'ns',
  );
  const inversions = (): void => {
    for (let i = 0; i < 256; i++) run('frInvert', b, b);
  };
  report('inversion in Fr', best(256, inversions), 'ns');
  const log = Math.log2(ELEMENTS);
  const transform = best((ELEMENTS / 2) * log, () => run('frFrequencyBlock', b, ELEMENTS * 32, a));
  report('butterfly', transform, 'ns');
}

/** Plain kernels, and with `relaxedSimd` those of pairs: only sums of points differ. */
async function measureKernels(relaxedSimd: boolean): Promise<void> {
  const memory = new WebAssembly.Memory({ initial: 64, maximum: MAXIMUM_PAGES, shared: true });
  const scratch = new WebAssembly.Global({ value: 'i32' }, 65536);
  const begin = performance.now();
  const { module, isPaired } = await compileKernels(memory, () => 65536, relaxedSimd);
  if (isPaired !== relaxedSimd) {
    process.stdout.write('relaxed SIMD: not in this runtime\n');
    return;
  }
  const label = isPaired ? ', pairs on relaxed SIMD' : '';
  report(`generating the kernels${label}`, performance.now() - begin, 'ms');
  const instance = await WebAssembly.instantiate(module, { env: { memory, scratch } });
  const kernels = instance.exports as Record<string, (...args: number[]) => number>;
  const run: Run = (name, ...args) => {
    kernels[name]?.(...args);
  };
  const [a, b] = [2 ** 20, 2 ** 21];
  const one = new Uint8Array(memory.buffer, a, 64);
  one.fill(7);
  one[31] = 0;
  one[63] = 0;
  run('frVectorPowers', a, ELEMENTS, a, a + 32);
  run('frVectorPowers', b, ELEMENTS, a, a + 32);
  if (!isPaired) measureField(run, a, b);
  // Points need not lie on the curve: the formulas do not look.
  for (const [name, pointBytes] of [
    ['g1', 64],
    ['g2', 128],
  ] as const) {
    const count = 512;
    const [list, out, scratch] = [2 ** 18, b + 2 ** 17, b + 2 ** 18];
    const words = new Uint32Array(memory.buffer);
    for (let i = 0; i < count; i++) {
      const operands = [a + i * pointBytes, b + i * pointBytes, out + i * pointBytes];
      words.set(operands, (list + i * ADDITION_BYTES) / 4);
    }
    run('frVectorPowers', a, (count * pointBytes) / 32, b, b + 32);
    const addition = best(count, () => run(`${name}BatchAdd`, list, count, scratch));
    report(`addition in ${name.toUpperCase()}${label}`, addition, 'ns');
  }
}

async function measureEngine(threads: number | undefined): Promise<void> {
  const begin = performance.now();
  const engine = await createWasmEngine(threads === undefined ? {} : { threads });
  report(`start of ${engine.threads} threads`, performance.now() - begin, 'ms');
  const time = async (name: string, operation: () => Promise<unknown>): Promise<void> => {
    let [least, leastProcessor] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let i = 0; i < 3; i++) {
      const [start, before] = [performance.now(), process.cpuUsage()];
      await operation();
      const { user, system } = process.cpuUsage(before);
      least = Math.min(least, performance.now() - start);
      leastProcessor = Math.min(leastProcessor, (user + system) / 1000);
    }
    report(name, least, `ms, ${leastProcessor.toFixed(0)} ms of processors`);
  };
  try {
    const count = 2 ** 16;
    const scalars = engine.alloc(count * 32);
    await engine.frPowers(scalars, count, 3n, 5n);
    await engine.frFromMontgomery(scalars, count);
    const bits = engine.alloc(count * 32);
    const bytes = engine.bytes(bits).fill(0);
    for (let i = 0; i < count; i++) bytes[32 * i] = i % 16 === 0 ? i % 251 : i % 2;
    const [first, second] = [engine.alloc(count * 64), engine.alloc(count * 128)];
    await time('2^16 multiples of a base, G1', () =>
      engine.fixedBaseG1(encodeG1(G1_GENERATOR), scalars, first, count),
    );
    await time('2^16 multiples of a base, G2', () =>
      engine.fixedBaseG2(encodeG2(G2_GENERATOR), scalars, second, count),
    );
    await time('sum of 2^16 products, G1', () => engine.msmG1(first, scalars, count));
    await time('sum of 2^16 products, G1, bits', () => engine.msmG1(first, bits, count));
    await time('sum of 2^16 products, G2', () => engine.msmG2(second, scalars, count));
    await time('sum of 2^16 products, G2, bits', () => engine.msmG2(second, bits, count));
    const log = 18;
    const [x, y, z] = [engine.alloc(2 ** log * 32), engine.alloc(2 ** log * 32), engine.alloc(2 ** log * 32)];
    for (const buffer of [x, y, z]) await engine.frPowers(buffer, 2 ** log, 3n, 5n);
    await time('transform of 2^18', () => engine.ntt(x, log));
    await time('quotient of 2^18', () => engine.quotient(x, y, z, log));
  } finally {
    await engine.close();
  }
}

const argument = process.argv[2];
await measureKernels(false);
await measureKernels(true);
await measureEngine(argument === undefined ? undefined : Number(argument));
