import { describe, expect, it } from 'vitest';
import { type Children, createChildren } from '../../src/bench/children.js';
import { outcomeOf } from '../support/outcome.js';

const node = (script: string): [string, string, string] => [process.execPath, '-e', script];
const FOREVER = 'setInterval(() => undefined, 1000)';
/** Answers each line with what the script makes of it. */
const answering = (expression: string): [string, string, string] =>
  node(
    `require('readline').createInterface({ input: process.stdin }).on('line', (line) => console.log(${expression}))`,
  );

async function withChildren<T>(
  work: (children: Children, controller: AbortController) => Promise<T>,
  limitMs?: number,
): Promise<T> {
  const controller = new AbortController();
  const children = createChildren(controller.signal, limitMs);
  try {
    return await work(children, controller);
  } finally {
    await children.close();
  }
}

describe('run', () => {
  it('default: time and standard output of a whole process', async () => {
    const { ms, stdout } = await withChildren((children) =>
      children.run('it', node("setTimeout(() => console.log('done'), 100)")),
    );
    expect(stdout).toBe('done\n');
    expect(ms).toBeGreaterThan(100);
  });

  it.skipIf(process.platform !== 'linux')('default: most memory that it had', async () => {
    const hold = node('const held = new Uint8Array(2e8).fill(1); setTimeout(() => held[0], 400)');
    const { peakBytes = 0 } = await withChildren((children) => children.run('it', hold));
    expect(peakBytes).toBeGreaterThan(2e8);
    expect(peakBytes).toBeLessThan(6e8);
  });

  it.each([
    ['exits with another code', node("console.error('no'); process.exit(3)")],
    ['is killed', node("process.kill(process.pid, 'SIGKILL')")],
    ['does not start', ['/nowhere/program'] as const],
  ])('error: BENCH_FAILED where the program %s', async (_name, command) => {
    expect(await withChildren((children) => outcomeOf(children.run('it', command)))).toBe('BENCH_FAILED');
  });

  it('error: BENCH_FAILED where the program hangs', async () => {
    expect(await withChildren((children) => outcomeOf(children.run('it', node(FOREVER))), 200)).toBe(
      'BENCH_FAILED',
    );
  });

  it('error: CANCELLED by an abort, before and while it runs', async () => {
    await withChildren(async (children, controller) => {
      const running = outcomeOf(children.run('it', node(FOREVER)));
      controller.abort();
      expect(await running).toBe('CANCELLED');
      expect(await outcomeOf(children.run('it', node('0')))).toBe('CANCELLED');
    });
  });
});

describe('worker', () => {
  it('default: one answer to each request, in order', async () => {
    await withChildren(async (children) => {
      const worker = children.worker('it', answering('line'));
      expect(await worker.ask({ ms: 1 })).toEqual({ ms: 1 });
      expect(await worker.ask({ digest: 'a' })).toEqual({ digest: 'a' });
      await worker.close();
    });
  });

  it.each([
    ['answers with an error', answering(`JSON.stringify({ error: 'no' })`)],
    ['ends without an answer', node('process.stdin.once("data", () => process.exit(0))')],
    ['fails', node('process.stdin.once("data", () => process.exit(7))')],
    ['says something else', answering(`'hello'`)],
  ])('error: BENCH_FAILED where it %s', async (_name, command) => {
    await withChildren(async (children) => {
      expect(await outcomeOf(children.worker('it', command).ask({}))).toBe('BENCH_FAILED');
    });
  });

  it('error: CANCELLED by an abort while it computes', async () => {
    await withChildren(async (children, controller) => {
      const asked = outcomeOf(children.worker('it', node(FOREVER)).ask({}));
      controller.abort();
      expect(await asked).toBe('CANCELLED');
    });
  });
});

describe('close', () => {
  it('default: ends what still runs', async () => {
    const children = createChildren();
    const running = outcomeOf(children.run('it', node(FOREVER)));
    await children.close();
    expect(await running).toBe('BENCH_FAILED');
  });
});
