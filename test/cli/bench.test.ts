/** `zkfinality bench` as users run it, on circuits of 2^10 and fewer rows. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completeReport, parseReport, type Report } from '../../src/bench/report.js';
import { type CliOptions, type CliResult, cli } from '../support/cli.js';

let folder: string;
const at = (...parts: string[]): string => join(folder, ...parts);

/** Temporary files of the command go where the tests can see whether they are removed. */
function bench(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const env = { TMPDIR: at('tmp'), ZKFINALITY_CACHE: at('cache') };
  return cli(['--json', 'bench', ...args], { ...options, env });
}
const leftBehind = (): string[] => readdirSync(at('tmp'));

/** A program with the arguments of rapidsnark's prover: key, witness, proof, public inputs. */
function rapidsnarkStub(name: string, afterwards: string): string {
  const path = at(name);
  const prover = resolve('dist/bench/process.js');
  writeFileSync(
    path,
    `#!${process.execPath}
const { execFileSync } = require('node:child_process');
const { readFileSync, writeFileSync } = require('node:fs');
const [key, witness, proof, inputs, ...more] = process.argv.slice(2);
if (more.length > 0 || inputs === undefined) throw new Error('expected four arguments');
execFileSync(process.execPath, [${JSON.stringify(prover)}, 'prove', 'wasm', '1', key, witness, proof, inputs]);
const { curve, ...bare } = JSON.parse(readFileSync(proof, 'utf8'));
writeFileSync(proof, JSON.stringify(bare));
${afterwards}
`,
  );
  chmodSync(path, 0o755);
  return path;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zkfinality-bench-test-'));
  mkdirSync(at('tmp'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('bench --quick', () => {
  let report: Report;

  beforeAll(async () => {
    const files = ['--out', at('report.json'), '--html', at('report.html')];
    const rapidsnark = ['--rapidsnark', rapidsnarkStub('rapidsnark', '')];
    const result = await bench(['--quick', '--size', '10', '--runs', '2', ...rapidsnark, ...files]);
    expect(result.code, result.stderr).toBe(0);
    expect(leftBehind()).toEqual([]);
    report = parseReport(JSON.parse(readFileSync(at('report.json'), 'utf8')));
    expect(result.json()).toEqual({ ok: true, report: JSON.parse(readFileSync(at('report.json'), 'utf8')) });
  }, 120_000);

  it('default: every part that needs no compiler, every contender, as many samples as runs', () => {
    const parts = new Set(report.entries.map(({ part }) => part));
    expect([...parts].sort()).toEqual(['fft', 'field', 'msm', 'prove', 'setup', 'threads', 'verify']);
    for (const { part, subject, series } of report.entries) {
      const contenders = new Set(series.map(({ contender }) => contender));
      expect(contenders.has('wasm'), subject).toBe(true);
      expect(contenders.has('snarkjs'), subject).toBe(part !== 'threads');
      expect(contenders.has('rapidsnark'), subject).toBe(part === 'prove');
      expect(contenders.has('wasm-pairing'), subject).toBe(part === 'verify');
      for (const { samples } of series) expect(samples).toHaveLength(part === 'setup' ? 1 : 2);
    }
    expect(report.entries.filter(({ part }) => part === 'prove').map(({ subject }) => subject)).toEqual([
      'dense-1020',
      'bits-1020',
    ]);
  });

  it('default: says on what machine, with what, and how to run it again', () => {
    expect(report.machine).toMatchObject({ node: process.version, cpu: expect.stringMatching(/./) });
    expect(report).toMatchObject({ quick: true, snarkjs: '0.7.6' });
    expect(report.command).toBe('npx zkfinality bench --quick --size 10 --runs 2 --rapidsnark PATH');
  });

  it('default: the stages of our prover are told', () => {
    const ours = report.entries.find(({ part }) => part === 'prove')?.series[0];
    expect(Object.keys(ours?.stagesMs ?? {})).toEqual(expect.arrayContaining(['load key', 'witness']));
    const counted = Object.values(ours?.stagesMs ?? {}).reduce((sum, ms) => sum + ms, 0);
    expect(counted).toBeLessThan(ours?.max ?? 0);
  });

  it.skipIf(process.platform !== 'linux')(
    'default: whole processes have a peak of memory, workers none',
    () => {
      for (const { part, subject, series } of report.entries) {
        const isWhole = ['setup', 'prove'].includes(part) || subject.startsWith('first');
        const ours = series[0]?.peakBytes ?? 0;
        if (isWhole) expect(ours, subject).toBeGreaterThan(2e7);
        else expect(ours, subject).toBe(0);
      }
    },
  );

  it('default: the page stands by itself', () => {
    const html = readFileSync(at('report.html'), 'utf8');
    expect(html).toContain('Time by constraints');
    expect(html).not.toMatch(/https?:|<script/);
  });

  it('behavior: --from takes the figures of a report, and without --json prints tables', async () => {
    const { code, stdout } = await cli(['bench', '--from', at('report.json'), '--html', at('again.html')]);
    expect(code).toBe(0);
    expect(stdout).toContain('dense-1020');
    expect(readFileSync(at('again.html'), 'utf8')).toBe(readFileSync(at('report.html'), 'utf8'));
  });

  describe('--compare', () => {
    const from = (name: string, change: (report: Report) => Report): string => {
      const path = at(name);
      const { entries, targets: _, ...rest } = change(report);
      const raw = entries.map(({ part, subject, unit, size, series }) => ({
        ...{ part, subject, unit, size },
        series: series.map(({ contender, threads, samples }) => ({ contender, threads, samples })),
      }));
      writeFileSync(path, JSON.stringify(completeReport({ ...rest, entries: raw })));
      return path;
    };
    const timesAs = (factor: number) => (was: Report) => ({
      ...was,
      entries: was.entries.map((entry) => ({
        ...entry,
        series: entry.series.map((one) => ({ ...one, samples: one.samples.map((ms) => ms * factor) })),
      })),
    });
    const compare = (older: string, ...more: string[]) =>
      bench(['--from', at('report.json'), '--compare', older, ...more]);

    it('default: the same figures end with 0', async () => {
      const { code, json } = await compare(at('report.json'));
      expect(code).toBe(0);
      expect(json()).toMatchObject({ ok: true, comparison: { ok: true, onlyNow: [], onlyBefore: [] } });
    });

    it('behavior: over the threshold it ends with 1, below with 0', async () => {
      const older = from('faster.json', timesAs(0.8));
      const over = await compare(older);
      expect(over.code, over.stderr).toBe(1);
      expect(over.json()).toMatchObject({ ok: false, comparison: { ok: false, threshold: 0.1 } });
      expect((await compare(older, '--threshold', '30')).code).toBe(0);
    });

    it('error: another machine ends with 2, unless it is asked for', async () => {
      const older = from('other.json', (was) => ({ ...was, machine: { ...was.machine, cpu: 'Another' } }));
      const refused = await compare(older);
      expect(refused.code).toBe(2);
      expect(refused.json()).toMatchObject({ ok: false, code: 'BENCH_OTHER_MACHINE' });
      expect((await compare(older, '--other-machine')).code).toBe(0);
    });

    it.each([
      ['a report of an older version', '{"kind":"zkfinality-bench/1"}', 'FORMAT_UNKNOWN'],
      ['no JSON', 'hello', 'JSON_INVALID'],
      ['half a report', '{"kind":"zkfinality-bench/2"}', 'FIELD_MISSING'],
    ])('error: %s ends with 3', async (_name, text, expected) => {
      writeFileSync(at('bad.json'), text);
      const { code, json } = await compare(at('bad.json'));
      expect([code, json().code]).toEqual([3, expected]);
    });
  });
});

describe('errors', () => {
  const quick = ['--quick', '--size', '8', '--runs', '1'];

  it.each([
    [['--only', 'coffee'], 'BENCH_PART'],
    [['--quick', '--circuits', 'committee-4'], 'BENCH_CIRCUIT'],
    [['--circuits', 'istanbul-registration-4'], 'BENCH_CIRCUIT'],
    [['--circuits', 'keccak-99'], 'BENCH_CIRCUIT'],
    [['--circuits', 'committee-5'], 'CIRCUIT_UNKNOWN'],
    [['--runs', '0'], 'OPTION_RANGE'],
    [['--quick', '--size', '30'], 'OPTION_RANGE'],
    [['--threads', '65'], 'OPTION_RANGE'],
    [['--threshold', 'much'], 'OPTION_RANGE'],
    [['--rapidsnark', '/nowhere/prover'], 'BENCH_PROGRAM'],
    [[...quick, '--only', 'finality'], 'BENCH_NOTHING'],
  ])('error: %j ends with 2', async (args, expected) => {
    const { code, json } = await bench(args);
    expect([code, json().code]).toEqual([2, expected]);
    expect(leftBehind()).toEqual([]);
  });

  it.each([
    ['ends with an error', 'process.exit(3);', 'BENCH_FAILED'],
    ['writes another proof', 'writeFileSync(inputs, \'["1"]\');', 'BENCH_DISAGREE'],
  ])('error: a contender that %s ends it with 4', async (_name, afterwards, expected) => {
    const rapidsnark = ['--rapidsnark', rapidsnarkStub(`stub-${expected}`, afterwards)];
    const { code, json } = await bench([
      ...quick,
      '--only',
      'prove',
      ...rapidsnark,
      '--out',
      at('none.json'),
    ]);
    expect([code, json().code]).toEqual([4, expected]);
    expect(leftBehind()).toEqual([]);
    expect(readdirSync(folder)).not.toContain('none.json');
  });

  it('behavior: Ctrl-C ends it with 130, with all its children, and leaves nothing', async () => {
    const slow = at('slow');
    writeFileSync(slow, `#!${process.execPath}\nsetInterval(() => undefined, 1000);\n`);
    chmodSync(slow, 0o755);
    const { code, json } = await bench([...quick, '--only', 'prove', '--rapidsnark', slow], {
      onStart: (child) => {
        let said = '';
        child.stderr?.on('data', (text: Buffer) => {
          if (/prove: dense/.test(said)) return;
          said += text.toString('utf8');
          // By then contenders take turns; wherever it is, it must stop.
          if (/prove: dense/.test(said)) setTimeout(() => child.kill('SIGINT'), 1500);
        });
      },
    });
    expect([code, json().code]).toEqual([130, 'CANCELLED']);
    expect(leftBehind()).toEqual([]);
    const running = readdirSync('/proc')
      .filter((name) => /^[0-9]+$/.test(name))
      .filter((name) => {
        try {
          return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(at('tmp'));
        } catch {
          return false;
        }
      });
    expect(running).toEqual([]);
  });
});
