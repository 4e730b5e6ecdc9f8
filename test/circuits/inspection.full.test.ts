/**
 * The compiler's inspection mode on the shipped circuits, which hold all templates of the library that ship: signals in no constraint, outputs
 * that nobody reads, hints that could be constraints.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { circuitById } from '../../src/build/registry.js';

const compiler = join(dirname(createRequire(import.meta.url).resolve('circom2/package.json')), 'cli.js');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zkfinality-inspect-'));
  cpSync('circuits', folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Warnings about a main source: the message, and the line of code where the compiler shows one. */
async function inspect(name: string, mainSource: string): Promise<string[]> {
  const main = join(folder, `${name}.circom`);
  writeFileSync(main, mainSource);
  const child = spawn(process.execPath, [compiler, `${name}.circom`, '--inspect', '-l', '.'], {
    cwd: folder,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  const code = await new Promise((resolve) => child.once('close', resolve));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colours begin with the escape character
  const text = output.replace(/\u001b\[[0-9;]*m/g, '');
  expect(code, text.slice(-2000)).toBe(0);
  expect(text).toContain('Everything went okay');
  return text
    .split(/^(?=warning)/m)
    .filter((part) => part.startsWith('warning'))
    .map((part) => {
      const shown = /^ *\d+ *│ *(.*)$/m.exec(part)?.[1];
      const [message = ''] = part.split('\n');
      return shown === undefined ? message : `${message} ${shown}`;
    });
}

/**
 * The one kind of warning that is not right here: values handed up to be counted. They are in no constraint by design, since the balance of the lookups
 * holds for the right multiplicities alone (see RangeTable, KeccakTable), and a constraint for each would cost a row.
 */
const COUNTED_ONLY = /(?:\blooked|[kK]eccakLooked)(?:\[.*\])? (?:<--|contains a total|does not appear)/;

const unexplained = (warnings: readonly string[]): string[] => [
  ...new Set(warnings.filter((warning) => !COUNTED_ONLY.test(warning))),
];

describe('inspection by the compiler', () => {
  it('default: it finds what is planted', async () => {
    const warnings = await inspect(
      'planted',
      `pragma circom 2.2.0;
      template Planted() {
          signal input a;
          signal input unread;
          signal output looked;
          signal output b;
          looked <-- a;
          b <-- 2 * a;
          a * a === a;
      }
      component main = Planted();`,
    );
    const found = unexplained(warnings).join('\n');
    expect(found).toContain('b <-- 2 * a');
    expect(found).toContain('signal unread does not appear');
    expect(warnings.length).toBeGreaterThan(unexplained(warnings).length);
  });

  it.each([
    'committee-4',
    'istanbul-registration-4',
    'istanbul-ibft1-4',
    'istanbul-ibft2-4',
    'istanbul-qbft-4',
  ])('default: nothing to warn of in %s', async (id) => {
    expect(unexplained(await inspect(id, circuitById(id).mainSource))).toEqual([]);
  });
});
