/**
 * Runs a circuit's witness program: the WebAssembly module that the Circom compiler writes beside the `.r1cs`.
 *
 * The module owns its memory. Inputs go in one field element at a time through a small shared buffer of 32-bit words,
 * least significant first; signals are named by the 64-bit FNV-1a hash of their name (Circom's "code producers"). Each
 * computation takes a fresh instance: a program that stopped on a failed assertion leaves nothing behind.
 */

import { hex } from '../formats/bytes.js';
import { BN254_R } from '../math/field.js';
import { EnvironmentError, FileError, UsageError } from '../statement/errors.js';
import type { CircuitInput, CircuitValue } from '../statement/types.js';
import { withFastArithmetic } from './arithmetic/index.js';

export type { CircuitInput, CircuitValue };

export type WitnessProgram = {
  /** Number of wires, the constant one included. */
  readonly wireCount: number;
  /** Number of field elements that the inputs of `main` take together. */
  readonly inputCount: number;
  /**
   * Computes all wires.
   *
   * @returns wireCount elements of 32 bytes, canonical, little endian; the first is 1.
   * @throws {UsageError} `INPUT_UNKNOWN`, `INPUT_SIZE`, `INPUT_RANGE`, `INPUT_MISSING` for inputs that do not fit.
   * @throws {WitnessError} `CIRCUIT_ASSERTION` when the input does not satisfy the circuit; names template and line.
   */
  readonly compute: (input: CircuitInput) => Uint8Array;
};

type Exports = {
  readonly memory: WebAssembly.Memory;
  readonly getVersion: () => number;
  readonly getSharedRWMemoryStart: () => number;
  readonly getFieldNumLen32: () => number;
  readonly getRawPrime: () => void;
  readonly getWitnessSize: () => number;
  readonly getInputSize: () => number;
  readonly getInputSignalSize: (hashHigh: number, hashLow: number) => number;
  readonly init: (sanityCheck: number) => void;
  readonly setInputSignal: (hashHigh: number, hashLow: number, position: number) => void;
  readonly getWitness: (wire: number) => void;
  readonly getMessageChar: () => number;
};

const ELEMENT_BYTES = 32;
const PAGE_BYTES = 65536;
/**
 * Pages that a program gets: twice what it declares and 64 MiB. Large programs of Circom 2.2 reach past the end of their own memory
 * (istanbul-ibft2-32 does) and would stop with "memory access out of bounds". Memory that is never touched costs nothing.
 */
const pagesFor = (declared: number): number => 2 * declared + 1024;

type Program = { readonly module: WebAssembly.Module; readonly isChanged: boolean };

export type WitnessProgramOptions = {
  /** False: run the program with the compiler's own arithmetic, several times slower. */
  readonly fastArithmetic?: boolean;
};

/**
 * Loads a witness program.
 *
 * @param wasm - Bytes of the module.
 * @param name - What to call it in messages, usually its path.
 * @throws {FileError} `WITNESS_PROGRAM_INVALID` if it is no WebAssembly or not a Circom 2 program over BN254's scalars.
 */
export async function loadWitnessProgram(
  wasm: Uint8Array,
  name = 'witness program',
  { fastArithmetic = true }: WitnessProgramOptions = {},
): Promise<WitnessProgram> {
  const program = (fastArithmetic ? await compileFast(wasm) : undefined) ?? (await compileAsIs(wasm, name));
  const probe = instantiate(program, name).exports;
  const version = probe.getVersion();
  probe.getRawPrime();
  const prime = BigInt(`0x${hex(sharedBytes(probe).slice().reverse())}`);
  if (version !== 2 || prime !== BN254_R)
    throw new FileError(
      'WITNESS_PROGRAM_INVALID',
      `${name}: expected a Circom 2 program over BN254's scalar field, got version ${version} and prime ${prime}. Compile it with --prime bn128.`,
    );
  const wireCount = probe.getWitnessSize();
  const inputCount = probe.getInputSize();

  const compute = (input: CircuitInput): Uint8Array => {
    const { exports, failure } = instantiate(program, name);
    run(failure, () => exports.init(0));
    let given = 0;
    for (const [signal, value] of Object.entries(input)) given += setInput(exports, failure, signal, value);
    if (given !== inputCount)
      throw new UsageError(
        'INPUT_MISSING',
        `${name}: expected ${inputCount} input elements, got ${given}. Give every input signal of the circuit.`,
      );
    const out = new Uint8Array(wireCount * ELEMENT_BYTES);
    const shared = sharedBytes(exports);
    for (let wire = 0; wire < wireCount; wire++) {
      exports.getWitness(wire);
      out.set(shared, wire * ELEMENT_BYTES);
    }
    return out;
  };
  return { wireCount, inputCount, compute };
}

/** @returns Undefined for programs that are not as the compiler writes them, and for runtimes without 128-bit vectors. */
async function compileFast(wasm: Uint8Array): Promise<Program | undefined> {
  const changed = withFastArithmetic(wasm, pagesFor);
  if (changed === undefined) return undefined;
  try {
    return { module: await WebAssembly.compile(changed), isChanged: true };
  } catch {
    return undefined;
  }
}

async function compileAsIs(wasm: Uint8Array, name: string): Promise<Program> {
  try {
    return { module: await WebAssembly.compile(wasm as BufferSource), isChanged: false };
  } catch (cause) {
    throw new FileError(
      'WITNESS_PROGRAM_INVALID',
      `${name}: expected WebAssembly, got ${wasm.length} other bytes`,
      { cause },
    );
  }
}

/** What the running program said before it threw. */
type Failure = { code: number; messages: string[] };

function instantiate({ module, isChanged }: Program, name: string): { exports: Exports; failure: Failure } {
  const failure: Failure = { code: 0, messages: [] };
  let exports: Exports;
  const readMessage = (): string => {
    let text = '';
    for (let c = exports.getMessageChar(); c !== 0; c = exports.getMessageChar())
      text += String.fromCharCode(c);
    return text;
  };
  const runtime = {
    exceptionHandler: (code: number) => {
      failure.code = code;
      throw new ProgramStopped();
    },
    printErrorMessage: () => {
      failure.messages.push(readMessage());
    },
    writeBufferMessage: () => {
      readMessage();
    },
    showSharedRWMemory: () => {},
  };
  try {
    exports = new WebAssembly.Instance(module, { runtime }).exports as unknown as Exports;
  } catch (cause) {
    if (cause instanceof RangeError) throw outOfMemory(name, cause);
    throw notAProgram(name, cause);
  }
  if (typeof exports.getVersion !== 'function' || !(exports.memory instanceof WebAssembly.Memory))
    throw notAProgram(name);
  try {
    const pages = exports.memory.buffer.byteLength / PAGE_BYTES;
    if (!isChanged) exports.memory.grow(pagesFor(pages) - pages);
  } catch (cause) {
    throw outOfMemory(name, cause);
  }
  return { exports, failure };
}

function outOfMemory(name: string, cause: unknown): EnvironmentError {
  return new EnvironmentError(
    'OUT_OF_MEMORY',
    `${name}: the witness program got no memory (${(cause as Error).message}). Free memory and try again.`,
    { cause },
  );
}

function notAProgram(name: string, cause?: unknown): FileError {
  return new FileError(
    'WITNESS_PROGRAM_INVALID',
    `${name}: expected a witness program of the Circom compiler, got another module`,
    { cause },
  );
}

function sharedBytes(exports: Exports): Uint8Array {
  return new Uint8Array(
    exports.memory.buffer,
    exports.getSharedRWMemoryStart(),
    exports.getFieldNumLen32() * 4,
  );
}

/** Sets one named input; returns how many elements it took. */
function setInput(exports: Exports, failure: Failure, signal: string, value: CircuitValue): number {
  const [high, low] = fnv1a64(signal);
  const size = exports.getInputSignalSize(high, low);
  if (size <= 0)
    throw new UsageError('INPUT_UNKNOWN', `input "${signal}": the circuit has no input signal of that name`);
  const elements = flatten(value);
  if (elements.length !== size)
    throw new UsageError(
      'INPUT_SIZE',
      `input "${signal}": expected ${size} elements, got ${elements.length}`,
    );
  const shared = new DataView(exports.memory.buffer, exports.getSharedRWMemoryStart(), ELEMENT_BYTES);
  elements.forEach((element, position) => {
    if (typeof element !== 'bigint' || element < 0n || element >= BN254_R)
      throw new UsageError(
        'INPUT_RANGE',
        `input "${signal}"[${position}]: expected a bigint in [0, r), got ${String(element)}. Reduce it first.`,
      );
    for (let word = 0; word < 4; word++)
      shared.setBigUint64(word * 8, (element >> BigInt(64 * word)) & 0xffffffffffffffffn, true);
    run(failure, () => exports.setInputSignal(high, low, position));
  });
  return elements.length;
}

function run(failure: Failure, step: () => void): void {
  try {
    step();
  } catch (cause) {
    if (!(cause instanceof ProgramStopped) && !(cause instanceof WebAssembly.RuntimeError)) throw cause;
    const where = failure.messages.join(' ').trim();
    throw new WitnessError(
      'CIRCUIT_ASSERTION',
      failure.code === 4 || where
        ? `the input does not satisfy the circuit: ${where || 'assertion failed'}`
        : `the witness program stopped: ${PROGRAM_ERRORS[failure.code] ?? String(cause)}`,
      { cause },
    );
  }
}

const PROGRAM_ERRORS: { readonly [code: number]: string } = {
  1: 'signal not found',
  2: 'too many signals set',
  3: 'signal already set',
  5: 'not enough memory',
  6: 'input signal array access exceeds its size',
};

function flatten(value: CircuitValue): bigint[] {
  const out: bigint[] = [];
  const visit = (node: CircuitValue): void => {
    if (Array.isArray(node)) for (const child of node as readonly CircuitValue[]) visit(child);
    else out.push(node as bigint);
  };
  visit(value);
  return out;
}

/** FNV-1a over 64 bits, as [high, low] 32-bit halves: how Circom's programs name input signals. */
function fnv1a64(text: string): [number, number] {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++)
    hash = ((hash ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n) & 0xffffffffffffffffn;
  return [Number(hash >> 32n), Number(hash & 0xffffffffn)];
}

class ProgramStopped extends Error {}

/** The input does not satisfy the circuit. Native verification runs first, so users meet this only with forged input. */
export class WitnessError extends UsageError {}
