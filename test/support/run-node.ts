/** Programs in processes of their own. */
import { type ChildProcess, spawn } from 'node:child_process';

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs a program to its end. */
export function runNode(args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString('utf8');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString('utf8');
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

export type RunningServer = {
  /** Without a slash at the end. */
  readonly url: string;
  /** All that it has printed so far. */
  readonly output: () => string;
  /** Asks it to end and waits until it has; its exit code. */
  readonly close: () => Promise<number | null>;
};

/** Starts a program that prints the address it listens at. */
export function startServer(args: readonly string[]): Promise<RunningServer> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const close = (): Promise<number | null> =>
      new Promise((ended) => {
        if (child.exitCode !== null || child.signalCode !== null) return ended(child.exitCode);
        child.once('close', (code) => ended(code));
        child.kill('SIGTERM');
      });
    const listen = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
      const url = /^(http:\/\/127\.0\.0\.1:\d+)\/?$/m.exec(output)?.[1];
      if (url !== undefined) resolve({ url, output: () => output, close });
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('close', (code) => reject(new Error(`${args[0]} ended with ${code}: ${output}`)));
  });
}
