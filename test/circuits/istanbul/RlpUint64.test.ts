import { beforeAll, describe, expect, it } from 'vitest';
import { BN254_R } from '../../../src/math/field.js';
import { compileCircuit, type TestCircuit } from '../../support/circuit.js';
import { outcomeOf } from '../../support/outcome.js';

/** The yellow paper's rule, byte by byte: what an item of at most eight bytes says, or undefined where it is not canonical. */
const decode = (bytes: readonly number[]): { value: bigint; itemLength: bigint } | undefined => {
  const [first = 0, second = 0] = bytes;
  if (first >= 1 && first < 128) return { value: BigInt(first), itemLength: 1n };
  const size = first - 128;
  if (size < 0 || size > 8) return undefined;
  if (size >= 1 && second === 0) return undefined;
  if (size === 1 && second < 128) return undefined;
  const value = bytes.slice(1, 1 + size).reduce((sum, byte) => 256n * sum + BigInt(byte), 0n);
  return { value, itemLength: BigInt(1 + size) };
};

const encode = (value: bigint): number[] => {
  if (value > 0n && value < 128n) return [Number(value)];
  const hex = value === 0n ? '' : value.toString(16);
  const payload = [...Buffer.from(hex.length % 2 === 1 ? `0${hex}` : hex, 'hex')];
  return [128 + payload.length, ...payload];
};

const padded = (bytes: readonly number[], filler = 0xa5): number[] =>
  Array.from({ length: 9 }, (_, i) => bytes[i] ?? filler);

describe('RlpUint64', () => {
  let circuit: TestCircuit;
  const run = (bytes: readonly number[]): Promise<bigint[]> => circuit.witness({ bytes: bytes.map(BigInt) });

  beforeAll(async () => {
    circuit = await compileCircuit(
      'pragma circom 2.2.0;\ninclude "protocols/istanbul/RlpUint64.circom";\ncomponent main = RlpUint64();',
    );
  });

  it.each([
    0n,
    1n,
    127n,
    128n,
    255n,
    256n,
    65_535n,
    65_536n,
    ...[3n, 4n, 5n, 6n, 7n].flatMap((k) => [2n ** (8n * k) - 1n, 2n ** (8n * k)]),
    2n ** 64n - 1n,
  ])('accepts: %s, whatever follows', async (value) => {
    for (const filler of [0, 0x80, 0xff]) {
      const encoded = encode(value);
      const witness = await run(padded(encoded, filler));
      expect(circuit.value(witness, 'main.value')).toBe(value);
      expect(circuit.value(witness, 'main.itemLength')).toBe(BigInt(encoded.length));
      expect(circuit.failingRow(witness)).toBeUndefined();
    }
  });

  it('behavior: every first byte before every kind of payload: accepts and reads what the yellow paper does', async () => {
    let accepted = 0;
    for (let first = 0; first < 256; first++)
      for (const second of [0, 1, 127, 128, 255])
        for (const rest of [0, 255]) {
          const bytes = padded([first, second], rest);
          const expected = decode(bytes);
          const outcome = await outcomeOf(run(bytes));
          expect(outcome, `${bytes}`).toBe(expected === undefined ? 'CIRCUIT_ASSERTION' : 'accepted');
          if (expected === undefined) continue;
          accepted++;
          const witness = await run(bytes);
          expect(circuit.value(witness, 'main.value'), `${bytes}`).toBe(expected.value);
          expect(circuit.value(witness, 'main.itemLength'), `${bytes}`).toBe(expected.itemLength);
        }
    // Single bytes, the empty string, one byte of 128 or more, and seven lengths without a leading zero.
    expect(accepted).toBe(10 * 127 + 10 + 2 * 2 + 7 * 4 * 2);
  });

  it.each([
    ['zero as a byte', [0]],
    ['a byte below 128 behind a prefix', [0x81, 127]],
    ['zero behind a prefix', [0x81, 0]],
    ['a leading zero', [0x82, 0, 200]],
    ['eight bytes with a leading zero', [0x88, 0, 1, 2, 3, 4, 5, 6, 7]],
    ['nine bytes', [0x89, 1]],
    ['thirty-two bytes', [0xa0, 1]],
    ['a long string', [0xb8, 1]],
    ['an empty list', [0xc0]],
    ['a long list', [0xf9, 1]],
  ])('rejects: %s', async (_what, bytes) => {
    expect(await outcomeOf(run(padded(bytes)))).toBe('CIRCUIT_ASSERTION');
  });

  it('rejects: each shape with every first byte of another', async () => {
    const invert = (value: bigint): bigint => {
      let [result, base, exponent] = [1n, value, BN254_R - 2n];
      for (; exponent > 0n; exponent >>= 1n, base = (base * base) % BN254_R)
        if ((exponent & 1n) === 1n) result = (result * base) % BN254_R;
      return result;
    };
    for (const shape of [5n, 0n, ...[1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n].map((k) => 2n ** (8n * k) - 1n)]) {
      const encoded = encode(shape);
      const witness = await run(padded(encoded));
      for (let first = 0; first < 256; first++) {
        const small = encoded.length === 1 && shape !== 0n;
        if (small ? first >= 1 && first < 128 : first === encoded[0]) continue;
        const byte = BigInt(first);
        const forged = circuit.alter(witness, {
          'main.bytes[0]': byte,
          ...(small
            ? { 'main.single': byte, 'main.inverse': byte === 0n ? 0n : invert(byte), 'main.value': byte }
            : {}),
        });
        expect(circuit.failingRow(forged), `shape of ${shape}, first byte ${first}`).toBeDefined();
      }
    }
  });

  it('rejects: every wire altered alone, but bytes behind the item', async () => {
    for (const value of [0n, 1n, 127n, 128n, 255n, 256n, 2n ** 64n - 1n]) {
      const encoded = encode(value);
      const witness = await run(padded(encoded));
      const behind = Array.from(
        { length: 9 - encoded.length },
        (_, i) => `main.bytes[${encoded.length + i}]`,
      );
      const names = circuit.sweep(witness).map(({ names: list }) => list[0] as string);
      expect(names.filter((name) => !behind.includes(name))).toEqual([]);
    }
  });

  it('default: size', () => {
    expect(circuit.constraints).toBe(44);
  });
});
