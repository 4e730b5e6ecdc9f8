/** The compiled addon: where it lies and what it exports. See native/src/addon.cpp. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { EnvironmentError } from '../../statement/errors.js';
import type { NativeArithmetic } from '../types.js';

/** Which kernels to use; `auto` takes the fastest that the processor has. */
export type InstructionSet = 'auto' | NativeArithmetic;

/** Numbers of operations, as in native/src/operations.hpp. */
export const OPERATION = {
  toMontgomery: 0,
  fromMontgomery: 1,
  powers: 2,
  multiply: 3,
  invert: 4,
  transform: 5,
  inverseTransform: 6,
  applyRows: 7,
  quotient: 8,
  msmG1: 9,
  msmG2: 10,
  fixedBaseG1: 11,
  fixedBaseG2: 12,
  scaleG1: 13,
  scaleG2: 14,
  addG1: 15,
  combineG1: 16,
  combineG2: 17,
  readFile: 18,
  checkCoefficients: 19,
  msmG1G2: 20,
} as const;

/** What operations end with, as in native/src/failure.hpp. */
export const STATUS = {
  done: 0,
  scalarRange: 1,
  coefficientRange: 2,
  termRange: 3,
  outOfMemory: 4,
  cancelled: 5,
  workerDied: 6,
  unreadable: 7,
} as const;

/** An engine of the addon; only the addon looks into it. */
export type Handle = { readonly brand: unique symbol };

export type Response = { readonly status: number; readonly detail: number; readonly bytes: ArrayBuffer };

export type Addon = {
  /** Null where the processor lacks the instruction set. */
  create(threads: number, isa: InstructionSet): Handle | null;
  kernels(handle: Handle): NativeArithmetic;
  /** What `auto` takes. */
  fastest(): NativeArithmetic;
  run(handle: Handle, operation: number, numbers: Float64Array, bytes: Uint8Array): Promise<Response>;
  progress(handle: Handle): number;
  cancel(handle: Handle): void;
  close(handle: Handle): Promise<unknown>;
  /** Grows while the threads do something. */
  activity(handle: Handle): number;
  /** For threads that hang: nothing of the engine answers any more, what it uses stays mapped. */
  abandon(handle: Handle): void;
  /** Null when the system has no more memory. */
  allocate(sizeBytes: number): ArrayBuffer | null;
  address(buffer: ArrayBuffer): number;
  detach(buffer: ArrayBuffer): boolean;
  unmap(address: number): void;
};

/** `ZKFINALITY_ADDON` names another build of it: those that check themselves, see docs/NATIVE.md. */
const file =
  process.env.ZKFINALITY_ADDON ??
  fileURLToPath(new URL('../../../native/build/zkfinality.node', import.meta.url));

/**
 * Loads the addon.
 *
 * @throws EnvironmentError `NATIVE_MISSING` if it was not built, or for another machine.
 */
export function loadAddon(): Addon {
  const advice = 'Run `npm run build:native`, or use the WASM engine.';
  if (!existsSync(file)) throw new EnvironmentError('NATIVE_MISSING', `${file}: not found. ${advice}`);
  try {
    return createRequire(import.meta.url)(file) as Addon;
  } catch (cause) {
    throw new EnvironmentError('NATIVE_MISSING', `${file}: cannot be loaded. ${advice}`, { cause });
  }
}
