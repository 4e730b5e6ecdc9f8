/**
 * The programs that a benchmark runs: whole processes with a clock around them, and workers that stay and are asked again.
 *
 * All are children of this process, none is imported into it. An abort, an error and the end of this process end them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { EnvironmentError } from '../statement/errors.js';

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];
export type Finished = {
  readonly ms: number;
  readonly stdout: string;
  /** Most memory that was resident, as far as the system tells: looked at every {@link LOOK_MS}. */
  readonly peakBytes?: number;
};

/** A child that answers one line of JSON to each line it is sent. */
export type BenchWorker = {
  /** @throws {EnvironmentError} `BENCH_FAILED` with the child's own words, `CANCELLED`. */
  readonly ask: (request: object) => Promise<WorkerAnswer>;
  readonly close: () => Promise<void>;
};

export type WorkerAnswer = {
  /** What the task took, as the worker measured it. */
  readonly ms?: number;
  /** Hash of the result, equal for all that computed the same. */
  readonly digest?: string;
  readonly stagesMs?: { readonly [stage: string]: number };
};

export type Children = {
  /**
   * Runs a program to its end.
   *
   * @throws {EnvironmentError} `BENCH_FAILED` if it exits with another code than 0 or runs longer than {@link LIMIT_MS}; `CANCELLED`.
   */
  readonly run: (what: string, command: Command) => Promise<Finished>;
  readonly worker: (what: string, command: Command) => BenchWorker;
  /** Ends whatever still runs. */
  readonly close: () => Promise<void>;
};

/** Longest run of one program; whoever needs longer hangs. */
const LIMIT_MS = 30 * 60_000;
const KEPT_CHARACTERS = 1_000_000;
const LOOK_MS = 50;

/** @param signal - Aborting it kills all children; pending calls reject with `CANCELLED`. */
export function createChildren(signal?: AbortSignal, limitMs: number = LIMIT_MS): Children {
  const alive = new Set<ChildProcess>();
  const killAll = (): void => {
    for (const child of alive) child.kill('SIGKILL');
  };
  signal?.addEventListener('abort', killAll);
  process.on('exit', killAll);

  const start = (what: string, [program, ...args]: Command, stdin: 'ignore' | 'pipe') => {
    if (signal?.aborted) throw cancelled();
    const child = spawn(program, args, { stdio: [stdin, 'pipe', 'pipe'] });
    alive.add(child);
    const said = { out: '', err: '' };
    const keep = (stream: 'out' | 'err') => (chunk: Buffer) => {
      said[stream] = (said[stream] + chunk.toString('utf8')).slice(-KEPT_CHARACTERS);
    };
    child.stdout?.on('data', keep('out'));
    child.stderr?.on('data', keep('err'));
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
    timer.unref();
    const ended = new Promise<void>((resolve, reject) => {
      const over = (): void => {
        clearTimeout(timer);
        alive.delete(child);
      };
      child.once('error', (cause) => {
        over();
        reject(
          new EnvironmentError('BENCH_FAILED', `${what}: ${program} did not start. Check the path.`, {
            cause,
          }),
        );
      });
      child.once('close', (code, killedBy) => {
        over();
        if (signal?.aborted) reject(cancelled());
        else if (code === 0) resolve();
        else
          reject(failed(what, killedBy ? `ended by ${killedBy}` : `exit code ${code}`, said.err || said.out));
      });
    });
    return { child, said, ended };
  };

  return {
    run: async (what, command) => {
      const started = performance.now();
      const { child, said, ended } = start(what, command, 'ignore');
      let peakBytes: number | undefined;
      const looking = setInterval(() => {
        peakBytes = peakMemoryOf(child.pid) ?? peakBytes;
      }, LOOK_MS);
      try {
        await ended;
      } finally {
        clearInterval(looking);
      }
      const ms = performance.now() - started;
      return { ms, stdout: said.out, ...(peakBytes === undefined ? {} : { peakBytes }) };
    },
    worker: (what, command) => {
      const { child, said, ended } = start(what, command, 'pipe');
      const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> });
      const { stdin } = child as { stdin: NonNullable<typeof child.stdin> };
      // A dead child is told by `ended`, not by the pipe.
      stdin.on('error', () => undefined);
      ended.catch(() => undefined);
      return {
        ask: async (request) => {
          const line = new Promise<string>((resolve) => lines.once('line', resolve));
          stdin.write(`${JSON.stringify(request)}\n`);
          const text = await Promise.race([
            line,
            ended.then(() => {
              throw failed(what, 'ended without an answer', said.err);
            }),
          ]);
          const answer = parseAnswer(what, text);
          if (answer.error !== undefined) throw failed(what, 'answered with an error', answer.error);
          return answer;
        },
        close: async () => {
          stdin.end();
          await ended;
        },
      };
    },
    close: async () => {
      signal?.removeEventListener('abort', killAll);
      process.off('exit', killAll);
      const closing = [...alive].map((child) => once(child, 'close'));
      killAll();
      await Promise.allSettled(closing);
    },
  };
}

/** High-water mark of a process's resident memory in bytes; nothing where the system does not tell, or once it has ended. */
export function peakMemoryOf(pid: number | undefined): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

function parseAnswer(what: string, text: string): WorkerAnswer & { readonly error?: string } {
  try {
    return JSON.parse(text) as WorkerAnswer;
  } catch {
    throw failed(what, 'answered with something else than JSON', text);
  }
}

function failed(what: string, how: string, words: string): EnvironmentError {
  return new EnvironmentError('BENCH_FAILED', `${what}: ${how}. Its last words: ${words.trim().slice(-500)}`);
}

function cancelled(): EnvironmentError {
  return new EnvironmentError('CANCELLED', 'the benchmark was cancelled; nothing was left behind');
}
