import { describe, expect, it } from 'vitest';
import { FIELD_MODULUS as R } from '../../src/statement/curve.js';
import {
  bytesToInteger,
  domainTag,
  fieldTag,
  keccakInteger,
  keccakWords,
  wordToBytes,
} from '../../src/statement/hash.js';
import { poseidon4, poseidon6 } from '../../src/statement/poseidon.js';
import { challenge } from '../../src/statement/transcript.js';
import { runs, seededBytes, seededInteger } from '../support/runs.js';
import { circomlibPoseidon } from './vectors.js';

describe('keccak', () => {
  it('default: the empty string and its published hash', () => {
    expect(keccakInteger(new Uint8Array())).toBe(
      0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470n,
    );
    expect(keccakWords([])).toBe(keccakInteger(new Uint8Array()));
  });

  it('default: words are 32 bytes, big endian', () => {
    expect(wordToBytes(0x0102n).subarray(30)).toEqual(Uint8Array.of(1, 2));
    expect(wordToBytes(2n ** 256n - 1n)).toEqual(new Uint8Array(32).fill(255));
    expect(bytesToInteger(wordToBytes(12345n))).toBe(12345n);
    expect(bytesToInteger(new Uint8Array())).toBe(0n);
    expect(keccakWords([1n, 2n])).not.toBe(keccakWords([1n, 2n, 0n]));
  });

  it('error: words that do not fit', () => {
    for (const word of [-1n, 2n ** 256n])
      expect(() => keccakWords([word])).toThrow(expect.objectContaining({ code: 'NUMBER_RANGE' }));
  });

  it('default: tags of different labels differ; field tags are below 2^248', () => {
    expect(domainTag('a/v1')).not.toBe(domainTag('b/v1'));
    expect(fieldTag('a/v1')).toBe(domainTag('a/v1') % 2n ** 248n);
  });
});

describe('poseidon', () => {
  it('default: equals circomlibjs', async () => {
    const theirs = await circomlibPoseidon();
    const random = seededBytes(3);
    for (let i = 0; i < runs(20, 1_000); i++) {
      const [a, b, c, d, e, f] = Array.from({ length: 6 }, () => seededInteger(random, R)) as [
        bigint,
        bigint,
        bigint,
        bigint,
        bigint,
        bigint,
      ];
      expect(poseidon4(a, b, c, d)).toBe(theirs([a, b, c, d]));
      expect(poseidon6(a, b, c, d, e, f)).toBe(theirs([a, b, c, d, e, f]));
    }
    for (const value of [0n, 1n, R - 1n]) {
      expect(poseidon4(value, value, value, value)).toBe(theirs([value, value, value, value]));
      expect(poseidon6(value, 0n, value, 0n, value, 0n)).toBe(theirs([value, 0n, value, 0n, value, 0n]));
    }
  });
});

describe('challenge', () => {
  const d = { x: 1n, y: 2n };

  it('default: depends on key, on every input, on D and on their number', () => {
    const values = [
      challenge(1n, [1n, 2n], d),
      challenge(2n, [1n, 2n], d),
      challenge(1n, [2n, 1n], d),
      challenge(1n, [1n, 2n, 0n], d),
      challenge(1n, [1n], d),
      challenge(1n, [1n, 2n], { x: 2n, y: 1n }),
      challenge(1n, [1n, 2n], { x: 1n, y: 3n }),
    ];
    expect(new Set(values).size).toBe(values.length);
    expect(values.every((value) => value >= 0n && value < R)).toBe(true);
  });

  it('error: an input of r or more has no challenge, though it has a hash', () => {
    for (const input of [-1n, R, R + 1n, 2n ** 256n - 1n])
      expect(() => challenge(1n, [0n, input], d)).toThrow(
        expect.objectContaining({ code: 'PUBLIC_INPUT_RANGE' }),
      );
    for (const x of [-1n, 2n ** 254n, 2n ** 256n])
      expect(() => challenge(1n, [], { x, y: 2n })).toThrow(
        expect.objectContaining({ code: 'COORDINATE_RANGE' }),
      );
    expect(() => challenge(2n ** 256n, [], d)).toThrow(expect.objectContaining({ code: 'NUMBER_RANGE' }));
  });
});
