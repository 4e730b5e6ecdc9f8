import { describe, expect, it } from 'vitest';
import { formatInput, parseInput } from '../../src/bench/inputs.js';
import { planSubject } from '../../src/bench/subjects.js';
import { codeOf } from '../support/istanbul.js';

describe('formatInput and parseInput', () => {
  it('default: inverse to each other for the inputs of every kind of circuit', () => {
    for (const id of ['committee-4', 'keccak-1', 'istanbul-qbft-4']) {
      const input = planSubject(id).input();
      expect(Object.keys(input).length).toBeGreaterThan(1);
      expect(parseInput(JSON.parse(formatInput(input)))).toEqual(input);
    }
  });

  it.each([
    ['null', 'FIELD_TYPE', null],
    ['a list', 'FIELD_TYPE', ['1']],
    ['a number, which loses digits', 'FIELD_TYPE', { a: 1 }],
    ['a record inside', 'FIELD_TYPE', { a: [{ b: '1' }] }],
    ['a sign', 'NUMBER_FORMAT', { a: '-1' }],
    ['hexadecimal', 'NUMBER_FORMAT', { a: ['0x1'] }],
    ['nothing', 'NUMBER_FORMAT', { a: '' }],
  ])('error: %s', (_name, code, json) => {
    expect(codeOf(() => parseInput(json))).toBe(code);
  });
});

describe('planSubject', () => {
  it('default: plain circuits are for all provers, those of Istanbul for ours', () => {
    expect(planSubject('committee-32')).toMatchObject({ system: 'groth16', family: 'committee' });
    expect(planSubject('keccak-5')).toMatchObject({ system: 'groth16', family: 'keccak' });
    expect(planSubject('istanbul-ibft2-8')).toMatchObject({
      system: 'ultragroth',
      chain: { variant: 'ibft2', validators: 8 },
    });
    expect(planSubject('committee-32').chain).toBeUndefined();
  });

  it('default: Keccak of N blocks takes a message that fills them', () => {
    const { input, mainSource } = planSubject('keccak-5');
    expect(mainSource).toContain('Keccak256Bits(679)');
    expect(input().length).toBe(679n);
    expect((input().bytes as readonly bigint[]).every((byte) => byte >= 0n && byte < 256n)).toBe(true);
  });

  it.each([
    ['keccak-0', 'CIRCUIT_UNKNOWN'],
    ['keccak-12', 'BENCH_CIRCUIT'],
    ['istanbul-registration-4', 'BENCH_CIRCUIT'],
    ['committee-5', 'CIRCUIT_UNKNOWN'],
    ['', 'CIRCUIT_UNKNOWN'],
  ])('error: "%s" is %s', (id, code) => {
    expect(codeOf(() => planSubject(id))).toBe(code);
  });
});
