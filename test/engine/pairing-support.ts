/** Fq12 in plain bigint arithmetic, the oracle of the tower; and a pairing module with elements and points put into it. */

import { generatePairing } from '../../src/engine/pairing/index.js';
import { Fq2, type Fq2Element } from '../../src/math/bn254.js';
import { BN254_Q as Q } from '../../src/math/field.js';

/** Twelve coefficients in Fq as the module stores them: c_0 … c_5 in Fq2, those of 1, w², w⁴, w, w³, w⁵. */
export type Fq12Element = readonly bigint[];

/** Powers of w that the six coefficients in Fq2 belong to. */
const POWERS = [0, 2, 4, 1, 3, 5];
const XI: Fq2Element = [9n, 1n];

const byPower = (a: Fq12Element): Fq2Element[] => {
  const sorted: Fq2Element[] = [];
  POWERS.forEach((power, i) => {
    sorted[power] = [a[2 * i]!, a[2 * i + 1]!];
  });
  return sorted;
};

/** a·b as polynomials in w, reduced by w⁶ = ξ: nothing is shared with the code under test. */
export function mul12(a: Fq12Element, b: Fq12Element): Fq12Element {
  const [p, q] = [byPower(a), byPower(b)];
  const product: Fq2Element[] = Array.from({ length: 6 }, () => [0n, 0n]);
  for (let i = 0; i < 6; i++)
    for (let j = 0; j < 6; j++) {
      const term = Fq2.mul(p[i]!, q[j]!);
      product[(i + j) % 6] = Fq2.add(product[(i + j) % 6]!, i + j < 6 ? term : Fq2.mul(term, XI));
    }
  return POWERS.flatMap((power) => product[power]!);
}

export function pow12(a: Fq12Element, exponent: bigint): Fq12Element {
  let [result, base] = [ONE12, a];
  for (let rest = exponent; rest > 0n; rest >>= 1n, base = mul12(base, base))
    if (rest & 1n) result = mul12(result, base);
  return result;
}

export const ONE12: Fq12Element = [1n, ...Array.from({ length: 11 }, () => 0n)];

const FIRST = 65_536;
const BYTES = 32;

/** The module with further functions exported, and its memory in terms of field elements. */
export function loadPairing(...exported: readonly string[]) {
  const names = ['encode', 'decode', ...exported.filter((name) => name !== 'encode' && name !== 'decode')];
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(generatePairing(names)));
  const { memory } = exports as { memory: WebAssembly.Memory };
  memory.grow(16);
  const view = new DataView(memory.buffer);
  let end = FIRST;
  const call = (name: string, ...parameters: readonly number[]): number =>
    (exports[name] as (...parameters: readonly number[]) => number)(...parameters);
  const take = (elements: number): number => {
    end += BYTES * elements;
    return end - BYTES * elements;
  };
  const putIntegers = (values: readonly bigint[]): number => {
    const address = take(values.length);
    values.forEach((value, i) => {
      for (let k = 0; k < 4; k++)
        view.setBigUint64(address + BYTES * i + 8 * k, value >> BigInt(64 * k), true);
    });
    return address;
  };
  const put = (values: readonly bigint[]): number => {
    const address = putIntegers(values);
    call('encode', address, address + BYTES * values.length);
    return address;
  };
  const get = (address: number, count: number): bigint[] => {
    const copy = take(count);
    new Uint8Array(memory.buffer).copyWithin(copy, address, address + BYTES * count);
    call('decode', copy, copy + BYTES * count);
    return Array.from({ length: count }, (_, i) =>
      [3, 2, 1, 0].reduce((sum, k) => (sum << 64n) | view.getBigUint64(copy + BYTES * i + 8 * k, true), 0n),
    );
  };
  return {
    call,
    take,
    put,
    putIntegers,
    get,
    view,
    /** Forgets everything that was put. */
    clear: () => {
      end = FIRST;
    },
    /** The result of a function (out, …addresses) on elements. */
    apply: (name: string, count: number, ...elements: readonly (readonly bigint[])[]): bigint[] => {
      end = FIRST;
      const out = take(count);
      call(name, out, ...elements.map(put));
      return get(out, count);
    },
    /** The same, the result written over one of the elements. */
    applyOver: (name: string, over: number, ...elements: readonly (readonly bigint[])[]): bigint[] => {
      end = FIRST;
      const places = elements.map(put);
      call(name, places[over]!, ...places);
      return get(places[over]!, elements[over]!.length);
    },
  };
}

/** Elements at the edges: 0, 1, q − 1, all coefficients q − 1, and random ones. */
export function edges(count: number, random: () => bigint): bigint[][] {
  const fill = (value: bigint): bigint[] => Array.from({ length: count }, () => value);
  const unit = (at: number, value: bigint): bigint[] => fill(0n).with(at, value);
  return [
    fill(0n),
    unit(0, 1n),
    unit(0, Q - 1n),
    unit(count - 1, 1n),
    fill(1n),
    fill(Q - 1n),
    Array.from({ length: count }, random),
    Array.from({ length: count }, random),
  ];
}
