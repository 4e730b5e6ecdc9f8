import { describe, expect, it } from 'vitest';
import { readSymbols } from '../../src/formats/symbols.js';
import { FileError } from '../../src/statement/errors.js';
import { fixturePath, fixturesAvailable } from '../support/fixtures.js';

const read = (text: string) => readSymbols(new TextEncoder().encode(text));

describe('readSymbols', () => {
  it('default: label, wire, component and name of each line', () => {
    const symbols = read('1,1,2,main.out\n2,-1,0,main.sub[3].in\n4294967295,7,1,main.x');
    expect(symbols.count).toBe(3);
    expect([...symbols.labels]).toEqual([1, 2, 4294967295]);
    expect([...symbols.wires]).toEqual([1, -1, 7]);
    expect([...symbols.components]).toEqual([2, 0, 1]);
    expect(symbols.name(0)).toBe('main.out');
    expect(symbols.name(1)).toBe('main.sub[3].in');
    expect(symbols.name(2)).toBe('main.x');
  });

  it('behavior: an empty file has no lines, and CRLF is taken', () => {
    expect(read('').count).toBe(0);
    expect(read('1,1,0,main.a\r\n').name(0)).toBe('main.a');
  });

  it.skipIf(!fixturesAvailable)('behavior: reads the snarkjs example', () => {
    const symbols = readSymbols(fixturePath('vectors/snarkjs-files/snarkjs_groth16__circuit.sym'));
    expect(symbols.count).toBe(1003);
    expect(symbols.name(0)).toBe('main.c');
    expect(symbols.wires[1001]).toBe(1002);
  });

  const bad = [
    '\n',
    'x',
    '1,2,3',
    '1,2,3,',
    '1,-2,3,a',
    ',1,1,a',
    '1,,1,a',
    '1,2,3,\n',
    '99999999999,1,1,a',
    '1,2147483648,0,a',
    '1 ,2,0,a',
  ];
  for (const text of bad) {
    it(`error: ${JSON.stringify(text)} is SYMBOL_LINE`, () => {
      expect(() => read(`1,1,0,main.a\n${text}`)).toThrow(expect.objectContaining({ code: 'SYMBOL_LINE' }));
    });
  }

  it('error: names the line', () => {
    expect(() => read('1,1,0,main.a\n2,2,0')).toThrow(
      /line 2: expected label,wire,component,name, got "2,2,0"/,
    );
    expect(() => readSymbols('/nonexistent/x.sym')).toThrow(FileError);
  });
});
