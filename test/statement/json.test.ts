import { describe, expect, it } from 'vitest';
import {
  formatHex,
  quote,
  readArray,
  readBoolean,
  readChoice,
  readDecimal,
  readHex,
  readRecord,
  readString,
  readWord,
} from '../../src/statement/json.js';

const code = (read: () => unknown): string => {
  try {
    read();
    return 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('readDecimal', () => {
  const read = (value: unknown, bound = 256n) => code(() => readDecimal(value, 'x', bound));

  it('default: 0 up to the bound', () => {
    expect(readDecimal('0', 'x', 1n)).toBe(0n);
    expect(readDecimal('255', 'x', 256n)).toBe(255n);
    expect(readDecimal((2n ** 256n - 1n).toString(), 'x', 2n ** 256n)).toBe(2n ** 256n - 1n);
  });

  it('error: any other spelling, type or size', () => {
    for (const text of [
      '',
      '00',
      '01',
      '+1',
      '-1',
      '-0',
      ' 1',
      '1 ',
      '1\n',
      '1.0',
      '1e1',
      '0x1',
      '1_0',
      '1n',
      '١',
      '１',
      'NaN',
      'Infinity',
      '9'.repeat(79),
    ])
      expect(read(text)).toBe('NUMBER_FORMAT');
    for (const value of [1, 1n, true, null, undefined, ['1'], { valueOf: () => '1' }])
      expect(read(value)).toBe('FIELD_TYPE');
    expect(read('256')).toBe('NUMBER_RANGE');
    expect(read('0', 0n)).toBe('NUMBER_RANGE');
  });
});

describe('readHex and readWord', () => {
  it('default: fixed length, lower case', () => {
    expect(readHex('0x00ff', 'x', 2)).toBe(255n);
    expect(readWord(formatHex(7n, 32), 'x', 8n)).toBe(7n);
    expect(formatHex(7n, 2)).toBe('0x0007');
  });

  it('error: any other spelling, type or size', () => {
    for (const text of ['0x00FF', '0X00ff', '00ff', '0xff', '0x000ff', '0x00fg', '0x 0ff', '', '0x'])
      expect(code(() => readHex(text, 'x', 2))).toBe('NUMBER_FORMAT');
    for (const value of [255, 255n, null]) expect(code(() => readHex(value, 'x', 2))).toBe('FIELD_TYPE');
    expect(code(() => readWord(formatHex(8n, 32), 'x', 8n))).toBe('NUMBER_RANGE');
  });
});

describe('readRecord, readArray, readString, readBoolean, readChoice', () => {
  it('default: what they are for', () => {
    expect(readRecord({ a: 1, b: 2 }, 'x', ['a'], ['b', 'c'])).toMatchObject({ a: 1, b: 2 });
    expect(readArray([1, 2], 'x', 2)).toEqual([1, 2]);
    expect(readString('', 'x')).toBe('');
    expect(readBoolean(false, 'x')).toBe(false);
    expect(readChoice('a', 'x', ['a', 'b'], 'NO')).toBe('a');
  });

  it('error: everything else', () => {
    for (const value of [null, undefined, 1, 'text', [], () => 0])
      expect(code(() => readRecord(value, 'x', []))).toBe('FIELD_TYPE');
    expect(code(() => readRecord({}, 'x', ['a']))).toBe('FIELD_MISSING');
    expect(code(() => readRecord({}, 'x', ['toString']))).toBe('FIELD_MISSING');
    expect(code(() => readRecord(JSON.parse('{"__proto__": {"a": 1}}'), 'x', [], ['a']))).toBe(
      'FIELD_UNKNOWN',
    );
    expect(code(() => readRecord({ a: 1 }, 'x', []))).toBe('FIELD_UNKNOWN');
    expect(code(() => readArray({ length: 0 }, 'x'))).toBe('FIELD_TYPE');
    expect(code(() => readArray([], 'x', 1))).toBe('ARRAY_LENGTH');
    expect(code(() => readString(1, 'x'))).toBe('FIELD_TYPE');
    expect(code(() => readBoolean('false', 'x'))).toBe('FIELD_TYPE');
    expect(code(() => readChoice('c', 'x', ['a', 'b'], 'NO'))).toBe('NO');
    expect(code(() => readChoice('constructor', 'x', ['a'], 'NO'))).toBe('NO');
  });

  it('behavior: errors name the place, and quote at most a line of what they found', () => {
    expect(() => readDecimal('x'.repeat(10_000), 'proof.pi_a[0]', 1n)).toThrow(
      /^proof\.pi_a\[0\]: expected .{1,300}$/,
    );
    expect(quote('\u001b[31m')).toBe('"\\u001b[31m"');
  });
});
