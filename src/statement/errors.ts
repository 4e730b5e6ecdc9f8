/**
 * The one base class of every error that leaves this package.
 *
 * A message says what and where, what was expected and what was found, and then the next step. The code is stable:
 * programs match on it, `docs/ERRORS.md` lists it. A bad proof is never an error: verifiers return results.
 */

/** Which exit code the command line gives an error: usage 2, file 3, environment 4. */
export type ErrorKind = 'usage' | 'file' | 'environment';

/**
 * Base class: a stable `code`, a `kind` and a sentence that says what to do.
 *
 * @example
 * ```ts
 * import { parseTrustAnchor, ZkFinalityError } from 'zkfinality/verify';
 *
 * try {
 *   parseTrustAnchor({ format: 'zkfinality-trust/2' });
 * } catch (error) {
 *   if (!(error instanceof ZkFinalityError)) throw error;
 *   console.log(error.code, error.kind); // FORMAT_UNKNOWN file
 * }
 * ```
 */
export class ZkFinalityError extends Error {
  /** Stable identifier in UPPER_SNAKE case. */
  readonly code: string;
  /** What went wrong in general: the caller, a file, or the machine. */
  readonly kind: ErrorKind;

  constructor(kind: ErrorKind, code: string, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.kind = kind;
  }
}

/**
 * The caller asked for something that cannot be. Exit code 2.
 *
 * @example
 * ```ts
 * import { UsageError, unpackStatement } from 'zkfinality/verify';
 *
 * try {
 *   unpackStatement([1n]);
 * } catch (error) {
 *   console.log(error instanceof UsageError && error.code); // PUBLIC_INPUT_COUNT
 * }
 * ```
 */
export class UsageError extends ZkFinalityError {
  constructor(code: string, message: string, options: { readonly cause?: unknown } = {}) {
    super('usage', code, message, options);
  }
}

/**
 * A file or document is not what it should be. The message names file, section, expected and got. Exit code 3.
 *
 * @example
 * ```ts
 * import { FileError, parseManifest } from 'zkfinality/verify';
 *
 * try {
 *   parseManifest({});
 * } catch (error) {
 *   console.log(error instanceof FileError && error.code); // FIELD_MISSING
 * }
 * ```
 */
export class FileError extends ZkFinalityError {
  constructor(code: string, message: string, options: { readonly cause?: unknown } = {}) {
    super('file', code, message, options);
  }
}

/**
 * The machine lacks something: memory, disk, a program, a thread that stays alive. Exit code 4.
 *
 * @example
 * ```ts
 * import { availableParallelism } from 'node:os';
 * import { createEngine, EnvironmentError } from 'zkfinality';
 *
 * const engine = await createEngine({ threads: Math.min(2, availableParallelism()) });
 * try {
 *   engine.alloc(2 ** 40);
 * } catch (error) {
 *   console.log(error instanceof EnvironmentError && error.code); // OUT_OF_MEMORY
 * } finally {
 *   await engine.close();
 * }
 * ```
 */
export class EnvironmentError extends ZkFinalityError {
  constructor(code: string, message: string, options: { readonly cause?: unknown } = {}) {
    super('environment', code, message, options);
  }
}
