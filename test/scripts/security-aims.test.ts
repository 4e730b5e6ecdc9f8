/** The security report is written from full counts only: what it lacks is named. */
import { describe, expect, it } from 'vitest';

type Row = { [column: string]: string | number };
type Tables = { [table: string]: { [file: string]: { rows: Row[] } } };

const { FORMATS, missingFigures } = (await import(
  new URL('../../scripts/security-aims.mjs', import.meta.url).href
)) as {
  readonly FORMATS: readonly string[];
  readonly missingFigures: (tables: Tables, mistakes: number) => readonly string[];
};

const MISTAKES = 3;
const table = (rows: readonly Row[]) => ({ 'one.test.ts': { rows: [...rows] } });
/** The least that is enough. */
const complete = (): Tables => ({
  'security-proofs': table([
    { attack: 'every bit of every coordinate, plain', cases: 6_144, accepted: 0 },
    { attack: 'every bit of every coordinate, two-round', cases: 7_680, accepted: 0 },
    { attack: 'structured tampers of 40 kinds, plain', cases: 20_000, accepted: 0 },
    { attack: 're-randomisations, plain', cases: 1_200, accepted: 1_200 },
    { attack: 'public inputs, plain', cases: 20, accepted: 0 },
    { attack: 'public inputs, two-round', cases: 20, accepted: 0 },
    { attack: 'public inputs, plain, WASM', cases: 20, accepted: 0 },
    { attack: 'public inputs, two-round, WASM', cases: 20, accepted: 0 },
  ]),
  'security-keys': table(Array.from({ length: 12 }, (_, i) => ({ key: `kind ${i}`, accepted: 0 }))),
  'security-agreement': table([
    { system: 'plain', cases: 6_000, 'answers of ours in WASM': 6_000, 'undocumented differences': 0 },
    { system: 'two-round', cases: 5_000, 'answers of ours in WASM': 5_000, 'undocumented differences': 0 },
  ]),
  'security-malformed': table(
    FORMATS.map((format) => ({ format, cases: 1_000, 'unlisted codes': 0, hangs: 0 })),
  ),
  'security-snarkjs': table(
    Array.from({ length: 40 }, (_, i) => ({ 'wrong document': String(i), zkfinality: 'NUMBER_RANGE' })),
  ),
  'security-processes': table([
    { check: 'kill -9 at random instants of 6 commands', cases: 50, failures: 0 },
    { check: 'soak: proofs in one process', cases: 1_000, failures: 0 },
    { check: 'setup and proof by 1, 2, 4 and 8 threads, plain', cases: 4, failures: 0 },
    { check: 'setup and proof by 1, 2, 4 and 8 threads, two-round', cases: 4, failures: 0 },
    ...['a', 'b', 'c', 'd'].map((name) => ({ check: `process exit: ${name}`, cases: 1, failures: 0 })),
  ]),
  'security-known-mistakes': table(Array.from({ length: MISTAKES }, (_, i) => ({ mistake: String(i) }))),
});

describe('missingFigures', () => {
  it('default: full counts lack nothing', () => {
    expect(missingFigures(complete(), MISTAKES)).toEqual([]);
  });

  it('error: each row that is left out, sampled, or has a bad count is named', () => {
    const bad: { readonly [column: string]: number } = {
      accepted: 1,
      cases: 1,
      'undocumented differences': 1,
      'answers of ours in WASM': 1,
      'unlisted codes': 1,
      hangs: 1,
      failures: 1,
    };
    for (const [name, { 'one.test.ts': file }] of Object.entries(complete()))
      for (const index of file!.rows.keys()) {
        const without = complete();
        without[name]!['one.test.ts']!.rows.splice(index, 1);
        expect(missingFigures(without, MISTAKES).length, `${name}, row ${index}`).toBeGreaterThan(0);
        for (const column of Object.keys(file!.rows[index]!).filter((key) => key in bad)) {
          const attack = String(file!.rows[index]!.attack ?? file!.rows[index]!.check ?? '');
          // Small by nature: their rows must be there, with whatever count.
          if (column === 'cases' && /^(?:public inputs|setup and proof|process exit)/.test(attack)) continue;
          const changed = complete();
          changed[name]!['one.test.ts']!.rows[index]![column] = bad[column]!;
          expect(
            missingFigures(changed, MISTAKES).length,
            `${name}, row ${index}, ${column}`,
          ).toBeGreaterThan(0);
        }
      }
    const accepting = complete();
    accepting['security-snarkjs']!['one.test.ts']!.rows[0]!.zkfinality = 'accepts';
    expect(missingFigures(accepting, MISTAKES)).toEqual(['table against snarkjs']);
    expect(missingFigures(complete(), MISTAKES + 1)).toEqual([`${MISTAKES + 1} known mistakes`]);
    expect(missingFigures({}, MISTAKES).length).toBeGreaterThan(20);
  });
});
