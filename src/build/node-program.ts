/**
 * Node programs in processes of their own, which do not outlive this one however it ends.
 *
 * Fd 3 of the child is a pipe that nobody writes to. A thread of the child waits for its end, which the system makes when this process is no more, also
 * after SIGKILL; the program itself may compute without a break.
 */
import { spawn } from 'node:child_process';

/** How a program ended. */
export type ProgramEnd = {
  readonly code: number | null;
  readonly killedBy: NodeJS.Signals | null;
  /** The last of what it wrote to both of its outputs, without colours. */
  readonly output: string;
};

const PIPE = 3;
const KEPT_CHARACTERS = 20_000;

/** Runs in the thread. Its socket keeps nothing alive: the thread is not waited for. */
const WATCH = `
  const { Socket } = require('node:net');
  new Socket({ fd: ${PIPE} }).on('error', () => {}).on('close', () => process.kill(process.pid, 'SIGKILL')).resume();
`;
const PRELOAD = `data:text/javascript,${encodeURIComponent(
  `import { Worker } from 'node:worker_threads'; new Worker(${JSON.stringify(WATCH)}, { eval: true }).unref();`,
)}`;

/**
 * Runs a program to its end.
 *
 * @param args - Script and arguments.
 * @param options.signal - Aborting it kills the program; the promise then resolves as for any other end.
 * @throws What `spawn` throws where it cannot start. Cost beside the program's own: about 30 ms.
 */
export function runNodeProgram(
  args: readonly string[],
  options: { readonly cwd?: string; readonly signal?: AbortSignal } = {},
): Promise<ProgramEnd> {
  const { cwd, signal } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', PRELOAD, ...args], {
      ...(cwd === undefined ? {} : { cwd }),
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-KEPT_CHARACTERS);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    const stop = (): void => void child.kill('SIGKILL');
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    child.once('error', reject);
    child.once('close', (code, killedBy) => {
      signal?.removeEventListener('abort', stop);
      resolve({ code, killedBy, output: stripColour(output) });
    });
  });
}

function stripColour(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colours begin with the escape character
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}
