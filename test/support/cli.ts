/** Runs the built command line as users do: a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

export type CliResult = {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The document that `--json` printed; throws if standard output is not exactly one. */
  readonly json: () => Record<string, unknown>;
};

export type CliOptions = {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly timeoutMs?: number;
  /** Called with the running process. */
  readonly onStart?: (child: ChildProcess) => void;
};

export function cli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { env = {}, timeoutMs = 300_000, onStart, input } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join('dist', 'cli', 'bin.js'), ...args], {
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(
        new Error(`zkfinality ${args.join(' ')} did not end within ${timeoutMs} ms. It said:\n${stderr}`),
      );
    }, timeoutMs);
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString('utf8');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString('utf8');
    });
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr, json: () => JSON.parse(stdout) as Record<string, unknown> });
    });
    child.stdin.end(input ?? '');
    onStart?.(child);
  });
}
