/** Programs that end with the process that runs them: real processes, killed in every way. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runNodeProgram } from '../../src/build/node-program.js';

const folder = mkdtempSync(join(tmpdir(), 'zkfinality-program-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const script = (text: string): string => {
  const path = join(folder, `${count++}.mjs`);
  writeFileSync(path, text);
  return path;
};
/** Writes its process id, then computes without a break. */
const BUSY = `
import { writeFileSync, renameSync } from 'node:fs';
writeFileSync(process.argv[2] + '.part', String(process.pid));
renameSync(process.argv[2] + '.part', process.argv[2]);
for (;;) {}
`;

async function until<Value>(what: string, look: () => Value | undefined, limitMs = 20_000): Promise<Value> {
  for (const started = Date.now(); Date.now() - started < limitMs; ) {
    const value = look();
    if (value !== undefined) return value;
    await new Promise((wake) => setTimeout(wake, 20));
  }
  throw new Error(`${what}: not within ${limitMs} ms`);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // What has ended and was not waited for by its new parent is gone for us, too.
  return !existsSync('/proc') || !/^State:\s+[ZX]/m.test(statusOf(pid));
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return 'State: X';
  }
}

const gone = (pid: number): Promise<true> =>
  until(`end of process ${pid}`, () => (isRunning(pid) ? undefined : true), 10_000);
const ended = (child: ChildProcess): Promise<unknown> => new Promise((wake) => child.once('close', wake));

describe('runNodeProgram', () => {
  it('default: code and output; the program ends by itself, in its folder, without a standard input', async () => {
    const text = `
      import { readFileSync } from 'node:fs';
      console.log(process.cwd(), readFileSync(0).length, process.argv[2]);
      console.error('\\u001b[31;22mtold\\u001b[0m');
      process.exitCode = 3;
    `;
    const { code, killedBy, output } = await runNodeProgram([script(text), 'given'], { cwd: folder });
    expect([code, killedBy]).toEqual([3, null]);
    expect(output).toContain(' 0 given\n');
    expect(output).toContain(folder);
    // Without the colours.
    expect(output).toMatch(/^told$/m);
  });

  it('default: a program that calls exit, one that fails, one that cannot be found', async () => {
    expect(await runNodeProgram([script('process.exit(7);')])).toMatchObject({ code: 7 });
    const failing = await runNodeProgram([script("throw new Error('no luck');")]);
    expect(failing).toMatchObject({ code: 1, output: expect.stringContaining('no luck') });
    expect((await runNodeProgram([join(folder, 'missing.mjs')])).code).not.toBe(0);
  });

  it('error: an abort kills it, before and while it runs', async () => {
    expect(await runNodeProgram([script('for (;;) {}')], { signal: AbortSignal.abort() })).toMatchObject({
      killedBy: 'SIGKILL',
    });
    const controller = new AbortController();
    const path = join(folder, 'aborted.pid');
    const running = runNodeProgram([script(BUSY), path], { signal: controller.signal });
    const pid = await until('the program', () => (existsSync(path) ? Number(readFileSync(path)) : undefined));
    expect(isRunning(pid)).toBe(true);
    controller.abort();
    expect(await running).toMatchObject({ killedBy: 'SIGKILL' });
    expect(isRunning(pid)).toBe(false);
  });

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'behavior: ends when this process is ended by %s',
    async (signal) => {
      const path = join(folder, `${signal}.pid`);
      const module = resolve('dist/build/node-program.js');
      const parent = spawn(
        process.execPath,
        [
          script(
            `import { runNodeProgram } from ${JSON.stringify(module)};
             await runNodeProgram(${JSON.stringify([script(BUSY), path])});`,
          ),
        ],
        { stdio: 'ignore' },
      );
      const closed = ended(parent);
      const pid = await until('the program', () =>
        existsSync(path) ? Number(readFileSync(path)) : undefined,
      );
      expect(isRunning(pid)).toBe(true);
      parent.kill(signal);
      await closed;
      await gone(pid);
    },
  );
});

describe.runIf(process.platform === 'linux')('setup', () => {
  const childrenOf = (pid: number): number[] =>
    existsSync(`/proc/${pid}/task`)
      ? readdirSync(`/proc/${pid}/task`).flatMap((task) =>
          readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
        )
      : [];

  it.each([
    ['SIGKILL', 'SIGKILL'],
    ['SIGTERM', 130],
    ['SIGINT', 130],
  ] as const)('behavior: the compiler ends with a setup that is ended by %s', async (signal, end) => {
    const cache = join(folder, `cache-${signal}`);
    const setup = spawn(process.execPath, ['dist/cli/bin.js', 'setup', 'committee-4'], {
      stdio: 'ignore',
      env: { ...process.env, ZKFINALITY_CACHE: cache },
    });
    const closed = new Promise((wake) => setup.once('close', (code, killedBy) => wake(killedBy ?? code)));
    const compiler = await until('the compiler', () =>
      childrenOf(setup.pid!).find((pid) => {
        const path = `/proc/${pid}/cmdline`;
        return existsSync(path) && readFileSync(path, 'utf8').includes('circom2');
      }),
    );
    expect(isRunning(compiler)).toBe(true);
    setup.kill(signal);
    expect(await closed).toBe(end);
    await gone(compiler);
  });
});
