/**
 * A module builder for code that is shipped as bytes: the same interface as the engine's, so that the kernels' generators can be used as they
 * are, but small. Functions that no export needs are left out, only what is asked for is exported, the module has a memory of its own, which it
 * exports and which nobody shares, and scratch memory has fixed addresses: it runs in one thread, and functions do not recurse.
 */
import {
  type Body,
  type Code,
  type FunctionHandle,
  type Local,
  type ModuleBuilder,
  type Params,
  TYPE_BYTE,
  type Value,
  type ValueType,
} from '../wasm/assembler.js';
import { CONSTANTS_ADDRESS, PAGE_BYTES, SCRATCH_ADDRESS } from './layout.js';

/** A builder that also hands out scratch memory by number, so that addresses within it are constants. */
export type PairingModule = ModuleBuilder & { readonly reserve: (sizeBytes: number) => number };

type FunctionRecord = {
  readonly name: string;
  readonly params: number;
  readonly result: ValueType | undefined;
  readonly bytes: readonly number[];
};

type Built = {
  readonly functions: readonly FunctionRecord[];
  readonly constants: readonly number[];
  /** Names of the functions that each function calls. */
  readonly calls: ReadonlyMap<string, ReadonlySet<string>>;
};

/**
 * Builds a module.
 *
 * @param define - Defines all functions, callees first. Runs twice, the second time for the functions that are needed.
 * @param exported - Names of the functions to export.
 * @returns Its bytes.
 */
export function buildModule(
  define: (module: PairingModule) => void,
  exported: readonly string[],
): Uint8Array<ArrayBuffer> {
  const { calls } = build(define, () => true);
  const needed = new Set<string>();
  const visit = (name: string): void => {
    if (needed.has(name)) return;
    const callees = calls.get(name);
    if (callees === undefined) throw new RangeError(`export: no function ${name}`);
    needed.add(name);
    callees.forEach(visit);
  };
  exported.forEach(visit);
  return encodeModule(
    build(define, (name) => needed.has(name)),
    exported,
  );
}

function build(define: (module: PairingModule) => void, isNeeded: (name: string) => boolean): Built {
  const functions: FunctionRecord[] = [];
  const constants: number[] = [];
  const calls = new Map<string, Set<string>>();
  let scratchBytes = 0;
  let caller = '';
  const reserve = (sizeBytes: number): number => {
    const address = SCRATCH_ADDRESS + scratchBytes;
    scratchBytes += (sizeBytes + 7) & ~7;
    if (address + sizeBytes > PAGE_BYTES) throw new RangeError('scratch: more than its page');
    return address;
  };
  const defineFunction = <N extends number>(
    name: string,
    params: N,
    result: 'i32' | undefined,
    body: (body: Body<N>) => Code,
  ): FunctionHandle => {
    const index = functions.length;
    const types = Array.from({ length: params }, () => 'i32' as const);
    if (isNeeded(name)) {
      if (calls.has(name)) throw new RangeError(`function ${name}: defined twice`);
      calls.set(name, new Set());
      caller = name;
      functions.push({ name, params, result, bytes: encodeBody(params, body, reserve) });
    }
    return {
      // A call reads the index of its target: that is how the graph of calls becomes known.
      get index() {
        calls.get(caller)?.add(name);
        return index;
      },
      params: types,
      result,
    } satisfies FunctionHandle;
  };
  define({
    define: defineFunction,
    constant: (bytes) => {
      const address = CONSTANTS_ADDRESS + constants.length;
      constants.push(...bytes);
      while (constants.length % 8 !== 0) constants.push(0);
      if (CONSTANTS_ADDRESS + constants.length > SCRATCH_ADDRESS)
        throw new RangeError('constants: too many for their place');
      return address;
    },
    reserve,
    scratchBytes: () => scratchBytes,
    finish: () => {
      throw new RangeError('finish: the module is put together by buildModule');
    },
  });
  return { functions, constants, calls };
}

function encodeBody<N extends number>(
  params: N,
  build: (body: Body<N>) => Code,
  reserve: (sizeBytes: number) => number,
): number[] {
  const locals: ValueType[] = [];
  const prologue: Code[] = [];
  const addLocal = <T extends ValueType>(type: T): Local<T> => {
    locals.push(type);
    return createLocal(type, params + locals.length - 1);
  };
  const code = build({
    params: Array.from({ length: params }, (_, i) => createLocal('i32', i)) as unknown as Params<N>,
    i32: (initial) => {
      const local = addLocal('i32');
      if (initial !== undefined) prologue.push(local.set(initial));
      return local;
    },
    i64: () => addLocal('i64'),
    v128: () => addLocal('v128'),
    scratch: (sizeBytes) => constantI32(reserve(sizeBytes)),
  });
  const groups = locals.reduce<{ type: ValueType; count: number }[]>((all, type) => {
    const last = all.at(-1);
    if (last?.type === type) last.count++;
    else all.push({ type, count: 1 });
    return all;
  }, []);
  return flatten([
    leb(groups.length),
    groups.map(({ type, count }) => [leb(count), TYPE_BYTE[type]]),
    prologue,
    code,
    0x0b,
  ]);
}

function encodeModule({ functions, constants }: Built, exported: readonly string[]): Uint8Array<ArrayBuffer> {
  const signatures = [...new Set(functions.map(signatureOf))];
  const section = (id: number, content: Code): Code => {
    const flat = flatten(content);
    return [id, leb(flat.length), flat];
  };
  const exports: Code[] = [
    [text('memory'), 0x02, 0],
    ...exported.map((name) => [
      text(name),
      0x00,
      leb(functions.findIndex((candidate) => candidate.name === name)),
    ]),
  ];
  return new Uint8Array(
    flatten([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, [leb(signatures.length), signatures.map((signature) => signature.split(',').map(Number))]),
      section(3, [leb(functions.length), functions.map((f) => leb(signatures.indexOf(signatureOf(f))))]),
      section(5, [1, 0x00, 1]),
      section(7, [leb(exports.length), exports]),
      section(10, [leb(functions.length), functions.map(({ bytes }) => [leb(bytes.length), bytes])]),
      section(11, [1, 0, constantI32(CONSTANTS_ADDRESS).code, 0x0b, leb(constants.length), [...constants]]),
    ]),
  );
}

/** Bytes of a function's type, as text so that equal ones are one. */
function signatureOf({ params, result }: FunctionRecord): string {
  const inputs = Array.from({ length: params }, () => TYPE_BYTE.i32);
  return [0x60, params, ...inputs, ...(result === undefined ? [0] : [1, TYPE_BYTE[result]])].join();
}

function createLocal<T extends ValueType>(type: T, index: number): Local<T> {
  return {
    type,
    index,
    code: [0x20, leb(index)],
    set: (value) => [typeof value === 'object' ? value.code : constantOf(type, value), 0x21, leb(index)],
  };
}

const constantI32 = (value: number): Value<'i32'> => ({ type: 'i32', code: constantOf('i32', value) });

function constantOf(type: ValueType, value: bigint | number): Code {
  return [type === 'i32' ? 0x41 : 0x42, signedLeb(BigInt(value))];
}

function signedLeb(value: bigint): number[] {
  const low = Number(value & 0x7fn);
  const rest = value >> 7n;
  return (low & 0x40) === 0
    ? rest === 0n
      ? [low]
      : [low | 0x80, ...signedLeb(rest)]
    : rest === -1n
      ? [low]
      : [low | 0x80, ...signedLeb(rest)];
}

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...leb(Math.floor(value / 128))];
}

function text(value: string): number[] {
  const bytes = [...new TextEncoder().encode(value)];
  return [...leb(bytes.length), ...bytes];
}

function flatten(code: Code): number[] {
  const flat: number[] = [];
  const visit = (part: number | Code): void => {
    if (typeof part === 'number') flat.push(part);
    else part.forEach(visit);
  };
  visit(code);
  return flat;
}
