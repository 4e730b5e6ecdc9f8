/**
 * A small assembler for WebAssembly: expressions are functions, a module is a list of them.
 *
 * `i64.add(a, b)` builds the code of an addition; nothing is evaluated. Code is kept as nested arrays and flattened once,
 * in {@link assemble}. Binary format: WebAssembly core specification 2.0, chapter 5. Only what the kernels need is here;
 * there is no validation beyond operand types, the engine's own compiler does the rest.
 *
 * Pure: runs wherever JavaScript runs.
 */

export type ValueType = 'i32' | 'i64' | 'v128';
/** Bytes of instructions, nested as they were composed. */
export type Code = readonly (number | Code)[];
/** An expression: code that leaves one value. */
export type Value<T extends ValueType = ValueType> = { readonly type: T; readonly code: Code };
/** A local variable or parameter; read it by using it as a value. */
export type Local<T extends ValueType = ValueType> = Value<T> & {
  readonly index: number;
  readonly set: (value: Operand<T>) => Code;
};
type Constant<T extends ValueType> = T extends 'i32' ? number : T extends 'i64' ? number | bigint : never;
/** A value or a literal. */
export type Operand<T extends ValueType> = Value<T> | Constant<T>;

/** Bytes that stand for types. */
export const TYPE_BYTE = { i32: 0x7f, i64: 0x7e, v128: 0x7b } as const;

/** Constants repeat: the prime's limbs, masks, shifts. */
const encodedConstants = new Map<bigint | number, readonly number[]>();

/** Signed LEB128. */
export function signedLeb(value: bigint | number): readonly number[] {
  const known = encodedConstants.get(value);
  if (known !== undefined) return known;
  const bytes = encodeSignedLeb(BigInt(value));
  encodedConstants.set(value, bytes);
  return bytes;
}

function encodeSignedLeb(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; ) {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    if ((rest === 0n && (byte & 0x40) === 0) || (rest === -1n && (byte & 0x40) !== 0)) {
      bytes.push(byte);
      return bytes;
    }
    bytes.push(byte | 0x80);
  }
}

/** Unsigned LEB128. */
export function leb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; ) {
    const byte = rest % 128;
    rest = Math.floor(rest / 128);
    if (rest === 0) {
      bytes.push(byte);
      return bytes;
    }
    bytes.push(byte | 0x80);
  }
}

function toValue<T extends ValueType>(type: T, operand: Operand<T>): Value<T> {
  if (typeof operand === 'object') {
    if (operand.type !== type) throw new RangeError(`operand: expected ${type}, got ${operand.type}`);
    return operand;
  }
  const opcode = type === 'i32' ? 0x41 : 0x42;
  // The same literal may stand for an unsigned 32-bit number; 64-bit ones are given as signed.
  return { type, code: [opcode, signedLeb(type === 'i32' ? Number(operand) | 0 : operand)] };
}

const unary =
  <T extends ValueType, R extends ValueType>(from: T, to: R, opcode: number) =>
  (a: Operand<T>): Value<R> => ({ type: to, code: [toValue(from, a).code, opcode] });

const binary =
  <T extends ValueType, R extends ValueType>(from: T, to: R, opcode: number) =>
  (a: Operand<T>, b: Operand<T>): Value<R> => ({
    type: to,
    code: [toValue(from, a).code, toValue(from, b).code, opcode],
  });

const load =
  <T extends ValueType>(type: T, opcode: number) =>
  (address: Operand<'i32'>, offsetBytes = 0): Value<T> => ({
    type,
    code: [toValue('i32', address).code, opcode, 0, leb(offsetBytes)],
  });

const store =
  <T extends ValueType>(type: T, opcode: number) =>
  (address: Operand<'i32'>, value: Operand<T>, offsetBytes = 0): Code => [
    toValue('i32', address).code,
    toValue(type, value).code,
    opcode,
    0,
    leb(offsetBytes),
  ];

export const i32 = {
  add: binary('i32', 'i32', 0x6a),
  sub: binary('i32', 'i32', 0x6b),
  mul: binary('i32', 'i32', 0x6c),
  remU: binary('i32', 'i32', 0x70),
  and: binary('i32', 'i32', 0x71),
  or: binary('i32', 'i32', 0x72),
  xor: binary('i32', 'i32', 0x73),
  shl: binary('i32', 'i32', 0x74),
  shrS: binary('i32', 'i32', 0x75),
  shrU: binary('i32', 'i32', 0x76),
  eq: binary('i32', 'i32', 0x46),
  ne: binary('i32', 'i32', 0x47),
  ltU: binary('i32', 'i32', 0x49),
  geU: binary('i32', 'i32', 0x4f),
  ltS: binary('i32', 'i32', 0x48),
  geS: binary('i32', 'i32', 0x4e),
  eqz: unary('i32', 'i32', 0x45),
  wrap: unary('i64', 'i32', 0xa7),
  load: load('i32', 0x28),
  store: store('i32', 0x36),
  /** Sixteen bits, unsigned. */
  loadHalf: load('i32', 0x2f),
  storeHalf: store('i32', 0x3b),
};

export const i64 = {
  add: binary('i64', 'i64', 0x7c),
  sub: binary('i64', 'i64', 0x7d),
  mul: binary('i64', 'i64', 0x7e),
  and: binary('i64', 'i64', 0x83),
  or: binary('i64', 'i64', 0x84),
  xor: binary('i64', 'i64', 0x85),
  shl: binary('i64', 'i64', 0x86),
  shrS: binary('i64', 'i64', 0x87),
  shrU: binary('i64', 'i64', 0x88),
  divU: binary('i64', 'i64', 0x80),
  remU: binary('i64', 'i64', 0x82),
  clz: unary('i64', 'i64', 0x79),
  ctz: unary('i64', 'i64', 0x7a),
  popcnt: unary('i64', 'i64', 0x7b),
  eq: binary('i64', 'i32', 0x51),
  ne: binary('i64', 'i32', 0x52),
  ltU: binary('i64', 'i32', 0x54),
  eqz: unary('i64', 'i32', 0x50),
  extendS: unary('i32', 'i64', 0xac),
  extendU: unary('i32', 'i64', 0xad),
  load: load('i64', 0x29),
  /** 32 bits, as a signed number. */
  load32S: load('i64', 0x34),
  store: store('i64', 0x37),
};

/** 128-bit instructions have two bytes or more; this is the first. */
const vector = (opcode: number): Code => [0xfd, leb(opcode)];
const vectorUnary =
  (opcode: number) =>
  (a: Value<'v128'>): Value<'v128'> => ({ type: 'v128', code: [a.code, vector(opcode)] });
const vectorBinary =
  (opcode: number) =>
  (a: Value<'v128'>, b: Value<'v128'>): Value<'v128'> => ({
    type: 'v128',
    code: [a.code, b.code, vector(opcode)],
  });
const vectorTernary =
  (opcode: number) =>
  (a: Value<'v128'>, b: Value<'v128'>, c: Value<'v128'>): Value<'v128'> => ({
    type: 'v128',
    code: [a.code, b.code, c.code, vector(opcode)],
  });
const vectorShift =
  (opcode: number) =>
  (a: Value<'v128'>, bits: number): Value<'v128'> => ({
    type: 'v128',
    code: [a.code, toValue('i32', bits).code, vector(opcode)],
  });
/** One 64-bit lane of each operand. */
const lanesOf =
  (lane: 0 | 1) =>
  (a: Value<'v128'>, b: Value<'v128'>): Value<'v128'> => {
    const bytes = Array.from({ length: 8 }, (_, i) => 8 * lane + i);
    return {
      type: 'v128',
      code: [a.code, b.code, vector(0x0d), bytes, bytes.map((byte) => byte + 16)],
    };
  };

/** Vectors of 128 bits: two 64-bit lanes, integers or doubles. */
export const v128 = {
  load: (address: Operand<'i32'>, offsetBytes = 0): Value<'v128'> => ({
    type: 'v128',
    code: [toValue('i32', address).code, vector(0x00), 0, leb(offsetBytes)],
  }),
  store: (address: Operand<'i32'>, value: Value<'v128'>, offsetBytes = 0): Code => [
    toValue('i32', address).code,
    value.code,
    vector(0x0b),
    0,
    leb(offsetBytes),
  ],
  and: vectorBinary(0x4e),
  or: vectorBinary(0x50),
  xor: vectorBinary(0x51),
  /** (a, b, mask): a's bits where the mask's are one, else b's. */
  select: vectorTernary(0x52),
  /** 1 where any bit is. */
  anyTrue: (a: Value<'v128'>): Value<'i32'> => ({ type: 'i32', code: [a.code, vector(0x53)] }),
  /** The low lanes of both, the high lanes of both. */
  lows: lanesOf(0),
  highs: lanesOf(1),
};

/** Both lanes as integers. */
export const i64x2 = {
  /** The same number in both lanes. */
  splat: (a: Operand<'i64'>): Value<'v128'> => ({
    type: 'v128',
    code: [toValue('i64', a).code, vector(0x12)],
  }),
  /** A vector with another number in lane 1. */
  withHigh: (a: Value<'v128'>, b: Operand<'i64'>): Value<'v128'> => ({
    type: 'v128',
    code: [a.code, toValue('i64', b).code, vector(0x1e), 1],
  }),
  add: vectorBinary(0xce),
  sub: vectorBinary(0xd1),
  shl: vectorShift(0xcb),
  shrU: vectorShift(0xcd),
};

/** Both lanes as doubles. */
export const f64x2 = {
  neg: vectorUnary(0xed),
  floor: vectorUnary(0x75),
  ge: vectorBinary(0x4c),
  add: vectorBinary(0xf0),
  sub: vectorBinary(0xf1),
  mul: vectorBinary(0xf2),
  /** a·b + c and c − a·b; rounded once or twice, as the processor likes (relaxed SIMD). */
  relaxedMadd: vectorTernary(0x107),
  relaxedNmadd: vectorTernary(0x108),
};

/** Runs `then` when the condition is not zero, else `otherwise`. */
export function when(condition: Operand<'i32'>, then: Code, otherwise: Code = []): Code {
  const tail = otherwise.length === 0 ? [] : [0x05, otherwise];
  return [toValue('i32', condition).code, 0x04, 0x40, then, tail, 0x0b];
}

/** Repeats the body while the condition, looked at after each round, is not zero. */
export function doWhile(body: Code, condition: Value<'i32'>): Code {
  return [0x03, 0x40, body, condition.code, 0x0d, 0, 0x0b];
}

/** Counts `i` from `from` up to, not including, `to` (unsigned) by `step`. `to` is read in every round. */
export function countUp(
  i: Local<'i32'>,
  from: Operand<'i32'>,
  to: Operand<'i32'>,
  step: Operand<'i32'>,
  body: Code,
): Code {
  return [i.set(from), when(i32.ltU(i, to), doWhile([body, i.set(i32.add(i, step))], i32.ltU(i, to)))];
}

/** Leaves the function. */
export function leave(value?: Operand<'i32'>): Code {
  return [value === undefined ? [] : toValue('i32', value).code, 0x0f];
}

/** A function of the module under construction. */
export type FunctionHandle = {
  readonly index: number;
  readonly params: readonly ValueType[];
  readonly result: ValueType | undefined;
};

/** Calls a function that returns nothing. */
export function call(target: FunctionHandle, ...args: readonly Operand<'i32'>[]): Code {
  if (args.length !== target.params.length) throw new RangeError('call: wrong number of arguments');
  return [args.map((a) => toValue('i32', a).code), 0x10, leb(target.index)];
}

/** Calls a function that returns an i32. */
export function callI32(target: FunctionHandle, ...args: readonly Operand<'i32'>[]): Value<'i32'> {
  return { type: 'i32', code: call(target, ...args) };
}

/** N times T; a list where N is not known. */
type Repeat<T, N extends number, Found extends readonly T[] = readonly []> = number extends N
  ? readonly T[]
  : Found['length'] extends N
    ? Found
    : Repeat<T, N, readonly [...Found, T]>;
/** Parameters of a function that is defined with N of them. */
export type Params<N extends number> = Repeat<Local<'i32'>, N>;

/** What code of a function takes for itself. */
export type Locals = {
  readonly i32: (initial?: Operand<'i32'>) => Local<'i32'>;
  readonly i64: () => Local<'i64'>;
  readonly v128: () => Local<'v128'>;
  /** `sizeBytes` of memory that belong to this function in this thread; functions must not recurse. */
  readonly scratch: (sizeBytes: number) => Value<'i32'>;
};

/** What a function's body is built with. */
export type Body<N extends number = number> = Locals & { readonly params: Params<N> };

type FunctionRecord = FunctionHandle & { readonly name: string; readonly bytes: number[] };

/** Functions under construction, with the constants in memory that they read. */
export type FunctionsBuilder = {
  /** Adds a function whose parameters are all i32. */
  readonly define: <N extends number>(
    name: string,
    params: N,
    result: 'i32' | undefined,
    body: (body: Body<N>) => Code,
  ) => FunctionHandle;
  /** Puts bytes at a fixed address (8-aligned) and returns it. */
  readonly constant: (bytes: Uint8Array) => number;
  /** Scratch bytes that one thread needs. */
  readonly scratchBytes: () => number;
};

/** A module under construction; every function is exported under its name. */
export type ModuleBuilder = FunctionsBuilder & { readonly finish: () => Uint8Array<ArrayBuffer> };

/** Functions for a module that another program wrote: they come after its own. */
export type ExtensionBuilder = FunctionsBuilder & {
  /** What was defined so far, in the order of the indices. */
  readonly functions: () => readonly {
    readonly name: string;
    /** Entry of the type section, of the code section. */
    readonly type: readonly number[];
    readonly code: readonly number[];
  }[];
  readonly constants: () => Uint8Array;
};

function flatten(code: Code, into: number[]): void {
  for (let i = 0; i < code.length; i++) {
    const part = code[i] as number | Code;
    if (typeof part === 'number') into.push(part);
    else flatten(part, into);
  }
}

function createLocal<T extends ValueType>(type: T, index: number): Local<T> {
  return {
    type,
    index,
    code: [0x20, leb(index)],
    set: (value) => [toValue(type, value).code, 0x21, leb(index)],
  };
}

function text(value: string): number[] {
  const bytes = [...new TextEncoder().encode(value)];
  return [...leb(bytes.length), ...bytes];
}

/** Places in memory and among the indices that functions under construction take. */
type Places = {
  /** Index of the first function. */
  readonly firstFunction: number;
  /** Address of the first constant. */
  readonly constantsAt: number;
  /** Address of the first byte of scratch memory. */
  readonly scratchAt: Operand<'i32'>;
};

type Construction = {
  readonly builder: FunctionsBuilder;
  readonly functions: readonly FunctionRecord[];
  readonly constants: readonly number[];
};

function createConstruction({ firstFunction, constantsAt, scratchAt }: Places): Construction {
  const functions: FunctionRecord[] = [];
  const constants: number[] = [];
  let scratchBytes = 0;

  const define = <N extends number>(
    name: string,
    paramCount: N,
    result: 'i32' | undefined,
    build: (body: Body<N>) => Code,
  ): FunctionHandle => {
    const params = Array.from({ length: paramCount }, (_, i) => createLocal('i32', i));
    const locals: ValueType[] = [];
    const prologue: Code[] = [];
    const addLocal = <T extends ValueType>(type: T): Local<T> => {
      locals.push(type);
      return createLocal(type, paramCount + locals.length - 1);
    };
    const body: Body<N> = {
      params: params as unknown as Params<N>,
      i32: (initial) => {
        const local = addLocal('i32');
        if (initial !== undefined) prologue.push(local.set(initial));
        return local;
      },
      i64: () => addLocal('i64'),
      v128: () => addLocal('v128'),
      scratch: (sizeBytes) => {
        const local = addLocal('i32');
        prologue.push(local.set(i32.add(scratchAt, scratchBytes)));
        scratchBytes += (sizeBytes + 63) & ~63;
        return local;
      },
    };
    const code = build(body);
    const bytes: number[] = [];
    flatten([leb(locals.length), locals.map((type) => [1, TYPE_BYTE[type]]), prologue, code, 0x0b], bytes);
    const handle: FunctionRecord = {
      index: firstFunction + functions.length,
      params: params.map((p) => p.type),
      result,
      name,
      bytes,
    };
    functions.push(handle);
    return handle;
  };

  const constant = (value: Uint8Array): number => {
    const address = constantsAt + constants.length;
    for (const byte of value) constants.push(byte);
    while (constants.length % 8 !== 0) constants.push(0);
    return address;
  };
  return { builder: { define, constant, scratchBytes: () => scratchBytes }, functions, constants };
}

const typeOf = ({ params, result }: FunctionHandle): number[] => [
  0x60,
  ...leb(params.length),
  ...params.map((p) => TYPE_BYTE[p]),
  ...(result === undefined ? [0] : [1, TYPE_BYTE[result]]),
];

/**
 * Starts a module that imports a shared memory `env.memory` and an address `env.scratch` of its thread's own scratch region.
 *
 * @param constantsAt - Address of the first constant.
 * @param maximumPages - Declared maximum of the memory, in pages of 64 KiB.
 */
export function createModule(constantsAt: number, maximumPages: number): ModuleBuilder {
  const { builder, functions, constants } = createConstruction({
    firstFunction: 0,
    constantsAt,
    scratchAt: { type: 'i32', code: [0x23, 0] },
  });
  const finish = (): Uint8Array<ArrayBuffer> => {
    const bytes: number[] = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    const append = (id: number, content: Code): void => {
      const flat: number[] = [];
      flatten(content, flat);
      flatten([id, leb(flat.length), flat], bytes);
    };
    append(1, [leb(functions.length), functions.map(typeOf)]);
    append(2, [
      leb(2),
      [text('env'), text('memory'), 0x02, 0x03, leb(1), leb(maximumPages)],
      [text('env'), text('scratch'), 0x03, TYPE_BYTE.i32, 0],
    ]);
    append(3, [leb(functions.length), functions.map((_, i) => leb(i))]);
    append(7, [leb(functions.length), functions.map((f) => [text(f.name), 0, leb(f.index)])]);
    append(10, [leb(functions.length), functions.map((f) => [leb(f.bytes.length), f.bytes])]);
    append(11, [leb(1), 0, toValue('i32', constantsAt).code, 0x0b, leb(constants.length), constants]);
    return new Uint8Array(bytes);
  };
  return { ...builder, finish };
}

/**
 * Starts functions that are put into a module after its own, see {@link ExtensionBuilder}.
 *
 * @param places - Scratch memory is at a fixed address: the module runs in one thread.
 */
export function createExtension(places: Places): ExtensionBuilder {
  const { builder, functions, constants } = createConstruction(places);
  return {
    ...builder,
    functions: () => functions.map((f) => ({ name: f.name, type: typeOf(f), code: f.bytes })),
    constants: () => Uint8Array.from(constants),
  };
}
