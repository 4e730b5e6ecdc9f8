import { describe, expect, it } from 'vitest';
import { FIELD_MODULUS as R } from '../../src/statement/curve.js';
import {
  assertStatement,
  packStatement,
  STATEMENT_BOUNDS,
  unpackStatement,
} from '../../src/statement/packing.js';
import type { Statement } from '../../src/statement/types.js';
import { runs, seededBytes, seededInteger } from '../support/runs.js';
import { vectorStatement } from './vectors.js';

const parts = Object.keys(STATEMENT_BOUNDS) as (keyof Statement)[];

describe('packStatement', () => {
  it('default: the words of the page', () => {
    expect(packStatement(vectorStatement)).toEqual([
      R - 1n,
      1n,
      0n,
      0x8123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdn,
      0xfedcba9876543210fedcba9876543210fedcba9876543210fedcba98765432n,
      0x8000000000000001_c000000000000003_11_22n,
    ]);
  });

  it('behavior: unpacking gives the statement back, at every bound and at random', () => {
    const random = seededBytes(1);
    const statements = parts.flatMap((part) =>
      [0n, 1n, STATEMENT_BOUNDS[part] - 1n].map((value) => ({ ...vectorStatement, [part]: value })),
    );
    for (let i = 0; i < runs(200, 5_000); i++)
      statements.push(
        Object.fromEntries(
          parts.map((part) => [part, seededInteger(random, STATEMENT_BOUNDS[part])]),
        ) as Statement,
      );
    for (const statement of statements) {
      const inputs = packStatement(statement);
      expect(inputs.every((input) => input >= 0n && input < R)).toBe(true);
      expect(inputs.slice(3).every((input) => input < 2n ** 248n)).toBe(true);
      expect(unpackStatement(inputs)).toEqual(statement);
    }
  });

  it('error: a part outside its range', () => {
    for (const part of parts)
      for (const value of [-1n, STATEMENT_BOUNDS[part], 5 as unknown as bigint])
        expect(() => packStatement({ ...vectorStatement, [part]: value })).toThrow(
          expect.objectContaining({ code: 'STATEMENT_RANGE', message: expect.stringContaining(part) }),
        );
    expect(() => assertStatement(vectorStatement)).not.toThrow();
  });
});

describe('unpackStatement', () => {
  it('error: words that no statement packs to', () => {
    const inputs = packStatement(vectorStatement);
    const replaced = (index: number, value: bigint): bigint[] =>
      inputs.map((input, i) => (i === index ? value : input));
    for (const [index, bound] of [R, R, R, 2n ** 248n, 2n ** 248n, 2n ** 144n].entries()) {
      expect(() => unpackStatement(replaced(index, bound))).toThrow(
        expect.objectContaining({ code: 'PUBLIC_INPUT_RANGE' }),
      );
      expect(() => unpackStatement(replaced(index, -1n))).toThrow(
        expect.objectContaining({ code: 'PUBLIC_INPUT_RANGE' }),
      );
    }
    expect(() => unpackStatement(inputs.map(String) as unknown as bigint[])).toThrow(
      expect.objectContaining({ code: 'PUBLIC_INPUT_RANGE' }),
    );
    expect(() => unpackStatement(inputs.slice(1))).toThrow(
      expect.objectContaining({ code: 'PUBLIC_INPUT_COUNT' }),
    );
    expect(() => unpackStatement([...inputs, 0n])).toThrow(
      expect.objectContaining({ code: 'PUBLIC_INPUT_COUNT' }),
    );
  });
});
