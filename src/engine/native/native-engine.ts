/**
 * The native engine: the addon of native/src on threads of its own, which never block JavaScript's.
 *
 * Arguments are checked here, when a call's turn comes; the addon trusts them.
 */

import { encodeCanonical } from '../../math/bn254.js';
import { EnvironmentError, UsageError } from '../../statement/errors.js';
import { badCoefficient, checkLog, checkRange, checkScalar, threadCount } from '../arguments.js';
import type { Engine, EngineBuffer, EngineOptions, NativeArithmetic } from '../types.js';
import { type InstructionSet, loadAddon, OPERATION, STATUS } from './addon.js';
import { createNativeMemory } from './memory.js';
import { createNativeSession } from './session.js';

const SCALAR_BYTES = 32;
const COEFFICIENT_BYTES = 44;
const TERM_BYTES = 40;
const G1_BYTES = 64;
const G2_BYTES = 128;

export type NativeOptions = EngineOptions & {
  /** Default `auto`. All give the same bytes. */
  readonly isa?: InstructionSet;
  /** How long its threads may do nothing while an operation runs; default two minutes. For tests. */
  readonly patienceMs?: number;
};

/** What {@link createNativeEngine} adds to the interface. */
export type NativeEngine = Engine & { readonly isa: NativeArithmetic };

/**
 * Starts a native engine.
 *
 * @throws UsageError `THREAD_COUNT`, `CANCELLED`; EnvironmentError `NATIVE_MISSING` if the addon was not built or the processor
 *   lacks the instruction set; `WORKER_HUNG` from calls.
 */
export async function createNativeEngine(options: NativeOptions = {}): Promise<NativeEngine> {
  const threads = threadCount(options);
  const { isa = 'auto', signal, patienceMs } = options;
  const addon = loadAddon();
  if (signal?.aborted) {
    throw new UsageError('CANCELLED', 'engine: cancelled by its signal. Create a new engine to go on.');
  }
  const handle = addon.create(threads, isa);
  if (handle === null) {
    throw new EnvironmentError(
      'NATIVE_MISSING',
      `native engine: this processor or build has no ${isa}. Use portable.`,
    );
  }
  const memory = createNativeMemory(addon);
  const { enqueue, run, assertUsable, close } = createNativeSession(addon, handle, memory, {
    signal,
    patienceMs,
  });

  const fits = (name: string, buffer: EngineBuffer, count: number, size: number, first = 0): number =>
    checkRange(memory, name, buffer, count, size, first);
  const scalarsFit = (name: string, buffer: EngineBuffer, count: number): number =>
    fits(name, buffer, count, SCALAR_BYTES);

  const inPlace = (operation: number) => (buffer: EngineBuffer, count: number) =>
    enqueue(async () => {
      await run(operation, [scalarsFit('buffer', buffer, count), count]);
    });
  const transform = (operation: number) => (buffer: EngineBuffer, log: number) =>
    enqueue(async () => {
      checkLog(log);
      await run(operation, [scalarsFit('buffer', buffer, 2 ** log), log]);
    });
  const msm =
    (operation: number, pointBytes: number): Engine['msmG1'] =>
    (points, scalars, count, { pointOffset = 0, scalarOffset = 0, onProgress } = {}) =>
      enqueue(async () => {
        const first = fits('points', points, count, pointBytes, pointOffset);
        const scalar = fits('scalars', scalars, count, SCALAR_BYTES, scalarOffset);
        const { status, bytes } = await run(operation, [first, scalar, count], { onProgress });
        if (status === STATUS.scalarRange) throw badScalars('msm');
        return new Uint8Array(bytes);
      });
  const fixedBase =
    (operation: number, pointBytes: number): Engine['fixedBaseG1'] =>
    (base, scalars, out, count, onProgress) =>
      enqueue(async () => {
        if (base.length !== pointBytes) {
          throw new UsageError('POINT_SIZE', `base: expected ${pointBytes} bytes, got ${base.length}.`);
        }
        const numbers = [scalarsFit('scalars', scalars, count), fits('out', out, count, pointBytes), count];
        const { status } = await run(operation, numbers, { bytes: base, onProgress });
        if (status === STATUS.scalarRange) throw badScalars('fixedBase');
      });
  const scale =
    (operation: number, pointBytes: number): Engine['scaleG1'] =>
    (points, count, scalar, onProgress) =>
      enqueue(async () => {
        checkScalar('scalar', scalar);
        const first = fits('points', points, count, pointBytes);
        await run(operation, [first, count], { bytes: encodeCanonical(scalar), onProgress });
      });
  const combine =
    (operation: number, pointBytes: number): Engine['combineG1'] =>
    (points, terms, termCount, out, outCount, onProgress) =>
      enqueue(async () => {
        const pointCount = Math.floor(points.sizeBytes / pointBytes);
        const numbers = [
          fits('points', points, pointCount, pointBytes),
          pointCount,
          fits('terms', terms, termCount, TERM_BYTES),
          termCount,
          fits('out', out, outCount, pointBytes),
          outCount,
        ];
        const { status, detail } = await run(operation, numbers, { onProgress });
        if (status === STATUS.termRange) {
          throw new UsageError(
            'TERM_RANGE',
            `combine: term ${detail}: expected rising output indices below ${outCount}, a point index below ${pointCount} and a canonical scalar. Check the terms.`,
          );
        }
      });

  return {
    name: 'native',
    isa: addon.kernels(handle),
    threads,
    alloc: (sizeBytes) => {
      assertUsable();
      return memory.alloc(sizeBytes);
    },
    free: memory.free,
    bytes: (buffer, offsetBytes, sizeBytes) => {
      assertUsable();
      return memory.bytes(buffer, offsetBytes, sizeBytes);
    },
    memory: memory.usage,
    readFile: (descriptor, position, target, offsetBytes, sizeBytes) =>
      enqueue(async () => {
        const address = fits('target', target, sizeBytes, 1, offsetBytes);
        const { status } = await run(OPERATION.readFile, [descriptor, position, address, sizeBytes]);
        return status !== STATUS.unreadable;
      }),
    frToMontgomery: inPlace(OPERATION.toMontgomery),
    frFromMontgomery: inPlace(OPERATION.fromMontgomery),
    frPowers: (out, count, start, ratio) =>
      enqueue(async () => {
        checkScalar('start', start);
        checkScalar('ratio', ratio);
        const bytes = new Uint8Array([...encodeCanonical(start), ...encodeCanonical(ratio)]);
        await run(OPERATION.powers, [scalarsFit('out', out, count), count], { bytes });
      }),
    frMultiply: (out, a, b, count) =>
      enqueue(async () => {
        const [to, first, second] = [
          scalarsFit('out', out, count),
          scalarsFit('a', a, count),
          scalarsFit('b', b, count),
        ];
        await run(OPERATION.multiply, [to, first, second, count]);
      }),
    frInvert: inPlace(OPERATION.invert),
    ntt: transform(OPERATION.transform),
    intt: transform(OPERATION.inverseTransform),
    findBadCoefficient: (coefficients, count, wires, log) =>
      enqueue(async () => {
        checkLog(log);
        const records = fits('coefficients', coefficients, count, COEFFICIENT_BYTES);
        const { status, detail } = await run(OPERATION.checkCoefficients, [records, count, wires, log]);
        return status === STATUS.coefficientRange ? detail : undefined;
      }),
    applyRows: (coefficients, count, witness, a, b, c, log) =>
      enqueue(async () => {
        checkLog(log);
        const rows = 2 ** log;
        const wires = Math.floor(witness.sizeBytes / SCALAR_BYTES);
        const { status, detail } = await run(OPERATION.applyRows, [
          fits('coefficients', coefficients, count, COEFFICIENT_BYTES),
          count,
          scalarsFit('witness', witness, wires),
          wires,
          scalarsFit('a', a, rows),
          scalarsFit('b', b, rows),
          scalarsFit('c', c, rows),
          log,
        ]);
        if (status === STATUS.coefficientRange) throw badCoefficient(detail, rows, wires);
      }),
    quotient: (a, b, c, log) =>
      enqueue(async () => {
        checkLog(log);
        const rows = 2 ** log;
        const buffers = [scalarsFit('a', a, rows), scalarsFit('b', b, rows), scalarsFit('c', c, rows)];
        await run(OPERATION.quotient, [...buffers, log]);
      }),
    msmG1: msm(OPERATION.msmG1, G1_BYTES),
    msmG2: msm(OPERATION.msmG2, G2_BYTES),
    msmG1G2: (pointsG1, pointsG2, scalars, count, { onProgress } = {}) =>
      enqueue(async () => {
        const first = fits('pointsG1', pointsG1, count, G1_BYTES, 0);
        const second = fits('pointsG2', pointsG2, count, G2_BYTES, 0);
        const numbers = [first, second, scalarsFit('scalars', scalars, count), count];
        const { status, detail, bytes } = await run(OPERATION.msmG1G2, numbers, { onProgress });
        if (status === STATUS.scalarRange) throw badScalars('msm');
        return {
          g1: new Uint8Array(bytes, 0, G1_BYTES),
          g2: new Uint8Array(bytes, G1_BYTES, G2_BYTES),
          g2Ms: detail,
        };
      }),
    fixedBaseG1: fixedBase(OPERATION.fixedBaseG1, G1_BYTES),
    fixedBaseG2: fixedBase(OPERATION.fixedBaseG2, G2_BYTES),
    scaleG1: scale(OPERATION.scaleG1, G1_BYTES),
    scaleG2: scale(OPERATION.scaleG2, G2_BYTES),
    addG1: (first, second, count) =>
      enqueue(async () => {
        const [into, from] = [fits('first', first, count, G1_BYTES), fits('second', second, count, G1_BYTES)];
        await run(OPERATION.addG1, [into, from, count]);
      }),
    combineG1: combine(OPERATION.combineG1, G1_BYTES),
    combineG2: combine(OPERATION.combineG2, G2_BYTES),
    close,
  };
}

function badScalars(name: string): UsageError {
  return new UsageError('SCALAR_RANGE', `${name}: expected canonical scalars below r. Reduce them first.`);
}
