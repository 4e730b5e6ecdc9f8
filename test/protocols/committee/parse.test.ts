import { describe, expect, it } from 'vitest';
import { createCommitteeDevnet } from '../../../src/devnet/committee.js';
import { BABYJUBJUB_ORDER } from '../../../src/math/babyjubjub.js';
import { BN254_R } from '../../../src/math/field.js';
import { committee } from '../../../src/protocols/committee/index.js';
import { formatJsonBlock, MAX_VOTES } from '../../../src/protocols/committee/json-block.js';
import { MAX_INPUT_BYTES, parse } from '../../../src/protocols/committee/parse.js';
import { ZkFinalityError } from '../../../src/statement/errors.js';
import { countMalformed } from '../../security/malformed.js';
import { runs, seededBytes, seededInteger } from '../../support/runs.js';

const net = createCommitteeDevnet({
  seed: 'parse',
  validators: 4,
  chainId: 9n,
  changes: [{ height: 3, add: [4] }],
});
const { block, text } = net.block(2);

type Json = { [field: string]: unknown };
const fresh = (): Json => JSON.parse(text) as Json;
const word = (value: bigint): string => `0x${value.toString(16).padStart(64, '0')}`;

/** A document with the value at a path replaced; `undefined` removes it. */
function withValue(path: string, value: unknown): Json {
  const json = fresh();
  const keys = path.split('.');
  const last = keys.pop() as string;
  const parent = keys.reduce((node, key) => node[key] as Json, json);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return json;
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ZkFinalityError) return error.code;
    throw error;
  }
  return 'none';
}

describe('parse', () => {
  it('default: text, bytes and the object give the same block', () => {
    for (const input of [text, new TextEncoder().encode(text), fresh()]) expect(parse(input)).toEqual(block);
    expect(parse(`\n ${text}\n`)).toEqual(block);
  });

  it('behavior: formatJsonBlock is its inverse', () => {
    for (const height of [0, 1, 2, 3]) {
      const one = net.block(height).block;
      expect(parse(formatJsonBlock(one))).toEqual(one);
    }
  });

  it('error: a variant of another protocol', () => {
    expect(committee.parse(text, { variant: 'committee' })).toEqual(block);
    for (const variant of ['ibft1', 'ibft2', 'qbft'] as const)
      expect(codeOf(() => committee.parse(text, { variant }))).toBe('VARIANT_MISMATCH');
  });

  it('error: no JSON, empty, too long', () => {
    expect(codeOf(() => parse(''))).toBe('INPUT_EMPTY');
    expect(codeOf(() => parse(' \n'))).toBe('INPUT_EMPTY');
    expect(codeOf(() => parse(new Uint8Array(0)))).toBe('INPUT_EMPTY');
    expect(codeOf(() => parse('{'))).toBe('JSON_SYNTAX');
    expect(codeOf(() => parse(text.slice(0, -9)))).toBe('JSON_SYNTAX');
    expect(codeOf(() => parse(new Uint8Array(MAX_INPUT_BYTES + 1)))).toBe('INPUT_OVERSIZED');
    for (const input of [null, undefined, 7, [], '[]', 'null', '7'])
      expect(codeOf(() => parse(input))).toBe('FIELD_TYPE');
  });

  it.each([
    ['format', 'zkfinality-committee-block/2', 'FORMAT_UNKNOWN'],
    ['format', 1, 'FIELD_TYPE'],
    ['header', [], 'FIELD_TYPE'],
    ['header.height', 2, 'FIELD_TYPE'],
    ['header.height', '02', 'NUMBER_FORMAT'],
    ['header.height', '-2', 'NUMBER_FORMAT'],
    ['header.height', '0x2', 'NUMBER_FORMAT'],
    ['header.height', (1n << 64n).toString(), 'NUMBER_RANGE'],
    ['header.time', (1n << 64n).toString(), 'NUMBER_RANGE'],
    ['header.chainId', (1n << 64n).toString(), 'NUMBER_RANGE'],
    ['header.parentHash', word(BN254_R), 'NUMBER_RANGE'],
    ['header.parentHash', '0x0', 'NUMBER_FORMAT'],
    ['header.stateRoot', `${word(1n)}0`, 'NUMBER_FORMAT'],
    ['header.nextSet', word(BN254_R), 'NUMBER_RANGE'],
    ['header.extra', '0', 'FIELD_UNKNOWN'],
    ['header.time', undefined, 'FIELD_MISSING'],
    ['header.height', '3', 'BLOCK_HASH_MISMATCH'],
    ['header.nextSet', word(0n), 'BLOCK_HASH_MISMATCH'],
    ['header.stateRoot', word(1n), 'BLOCK_HASH_MISMATCH'],
    ['hash', word(block.blockHash + 1n), 'BLOCK_HASH_MISMATCH'],
    ['hash', word(block.blockHash + BN254_R), 'NUMBER_RANGE'],
    ['hash', word(block.blockHash).toUpperCase(), 'NUMBER_FORMAT'],
    ['round', (1n << 32n).toString(), 'NUMBER_RANGE'],
    ['round', undefined, 'FIELD_MISSING'],
    ['votes', {}, 'FIELD_TYPE'],
    ['votes', Array(MAX_VOTES + 1).fill({}), 'TOO_MANY_VOTES'],
    ['votes.0.validator', '0x00', 'NUMBER_FORMAT'],
    ['votes.0.height', (1n << 64n).toString(), 'NUMBER_RANGE'],
    ['votes.0.round', (1n << 32n).toString(), 'NUMBER_RANGE'],
    ['votes.0.blockHash', word(BN254_R), 'NUMBER_RANGE'],
    ['votes.0.signature.s', word(BABYJUBJUB_ORDER), 'NUMBER_RANGE'],
    ['votes.0.signature.r8.x', word(BN254_R), 'NUMBER_RANGE'],
    ['votes.0.signature.r8.y', word(BN254_R), 'NUMBER_RANGE'],
    ['votes.0.signature.r8', [1, 2], 'FIELD_TYPE'],
    ['votes.0.signature', undefined, 'FIELD_MISSING'],
    ['votes.0.power', '1', 'FIELD_UNKNOWN'],
    ['nextValidators', [], 'NEXT_SET_INVALID'],
    ['nextValidators.0.power', '0', 'NEXT_SET_INVALID'],
    ['nextValidators.0.power', '2', 'NEXT_SET_MISMATCH'],
    ['nextValidators.0.power', (1n << 64n).toString(), 'NUMBER_RANGE'],
    ['nextValidators.0.publicKey.x', word(1n), 'NEXT_SET_INVALID'],
    ['nextValidators.0.identity', `0x${'f'.repeat(40)}`, 'NEXT_SET_INVALID'],
  ])('error: %s = %j is %s', (path, value, code) => {
    expect(codeOf(() => parse(withValue(path, value)))).toBe(code);
  });

  it('behavior: a block may keep its announced set to itself', () => {
    const { announced, ...rest } = block;
    expect(announced).toBeDefined();
    expect(parse(withValue('nextValidators', undefined))).toEqual(rest);
  });

  it('error: damaged text gives listed codes only', () => {
    const random = seededBytes(61);
    const codes = new Set<string>();
    const count = countMalformed('committee block', '61');
    for (let i = 0; i < runs(300, 1000); i++) {
      const at = Number(seededInteger(random, BigInt(text.length)));
      const damaged =
        i % 3 === 0
          ? text.slice(0, at)
          : `${text.slice(0, at)}${String.fromCharCode(32 + (random(1)[0]! % 95))}${text.slice(at + 1)}`;
      const end = count.start();
      const code = codeOf(() => parse(damaged));
      end(code !== 'none');
      codes.add(code);
    }
    const listed = [
      'none',
      'INPUT_EMPTY',
      'JSON_SYNTAX',
      'FORMAT_UNKNOWN',
      'FIELD_TYPE',
      'FIELD_MISSING',
      'FIELD_UNKNOWN',
      'NUMBER_FORMAT',
      'NUMBER_RANGE',
      'BLOCK_HASH_MISMATCH',
      'NEXT_SET_MISMATCH',
      'NEXT_SET_INVALID',
    ];
    expect([...codes].filter((code) => !listed.includes(code))).toEqual([]);
    count.record();
  });
});
