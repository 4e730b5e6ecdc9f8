/**
 * What the command line says: results on standard output, everything else on standard error.
 *
 * On a terminal, long work shows a bar; otherwise one plain line when a stage begins and one when it ends. With `--json`
 * standard output carries exactly one document.
 */
import { Presets, SingleBar as ProgressBar, type SingleBar } from 'cli-progress';
import pc from 'picocolors';
import type { StageRunner } from '../build/artifacts.js';
import { formatSeconds } from '../build/forecast.js';
import { EnvironmentError, ZkFinalityError } from '../statement/errors.js';

/** Exit codes: also in the README. */
export const EXIT = { valid: 0, invalid: 1, usage: 2, file: 3, environment: 4, interrupted: 130 } as const;

export type Reporter = {
  readonly json: boolean;
  /** A line for people; never on standard output when `json` is set. */
  readonly note: (line: string) => void;
  /** Runs a stage, shows its progress and how long it took. */
  readonly stage: StageRunner;
  /** The result: `text` for people, or `document` as JSON. Call it once. */
  readonly result: (document: unknown, text: string) => void;
};

export function createReporter(options: { readonly json: boolean; readonly quiet?: boolean }): Reporter {
  const { json, quiet = false } = options;
  const note = (line: string): void => {
    if (!quiet) process.stderr.write(`${line}\n`);
  };
  return {
    json,
    note,
    stage: async (name, work) => {
      const started = performance.now();
      const bar = process.stderr.isTTY && !quiet ? startBar(name) : undefined;
      if (!bar) note(`${name} …`);
      try {
        const value = await work((done, step = '') => bar?.update(done, { step }));
        bar?.update(1);
        bar?.stop();
        note(`${name} ${pc.green('done')} in ${formatSeconds((performance.now() - started) / 1000)}`);
        return value;
      } catch (error) {
        bar?.stop();
        throw error;
      }
    },
    result: (document, text) => {
      process.stdout.write(json ? `${JSON.stringify(document, bigintsAsDecimals, 2)}\n` : `${text}\n`);
    },
  };
}

function startBar(name: string): SingleBar {
  const bar = new ProgressBar(
    {
      format: `${name} {bar} {percentage} % {step}`,
      clearOnComplete: true,
      hideCursor: true,
      stream: process.stderr,
    },
    Presets.shades_grey,
  );
  bar.start(1, 0, { step: '' });
  return bar;
}

function bigintsAsDecimals(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

/** Tells an error and returns the exit code it stands for. */
export function reportError(error: unknown, json: boolean): number {
  const known = knownError(error);
  const code = known?.code ?? 'INTERNAL';
  const told = known ?? error;
  const message = told instanceof Error ? told.message : String(told);
  if (json) process.stdout.write(`${JSON.stringify({ ok: false, code, message }, undefined, 2)}\n`);
  else process.stderr.write(`${refusalText({ code, message })}\n`);
  if (!known) {
    process.stderr.write(
      `${printable(error instanceof Error ? (error.stack ?? '') : '')}\nThis is a defect: please report it.\n`,
    );
    return EXIT.environment;
  }
  return known.code === 'CANCELLED' ? EXIT.interrupted : EXIT[known.kind];
}

/** An error of ours, or what a system call refused where no code of its own tells it. */
function knownError(error: unknown): ZkFinalityError | undefined {
  if (error instanceof ZkFinalityError) return error;
  if (error instanceof Error && 'syscall' in error)
    return new EnvironmentError(
      'SYSTEM_REFUSED',
      `the system refused: ${error.message}. Check disk, permissions and limits of this machine.`,
      { cause: error },
    );
  return undefined;
}

/** A refusal for people: `CODE: message`. */
export function refusalText(refusal: { readonly code: string; readonly message: string }): string {
  return `${pc.red(refusal.code)}: ${printable(refusal.message)}`;
}

/** Text of which a part may come from a stranger's file: control characters would reach the terminal as commands. */
export function printable(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/** Lines of `name  value`, names padded to one width. */
export function listing(rows: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${pc.dim(name.padEnd(width))}  ${value}`).join('\n');
}
