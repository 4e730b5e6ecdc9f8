/**
 * The statement as public inputs of a circuit, and back. `docs/STATEMENT.md` describes the same in words.
 *
 *     trustedSet, signingSet, nextSet,
 *     w1 = blockHash >> 8,   w2 = stateRoot >> 8,
 *     w3 = height·2^80 + time·2^16 + (blockHash & 255)·2^8 + (stateRoot & 255)
 *
 * Every word is below 2^248 < r and every part has its own bits, so the packing is injective.
 */
import { FIELD_MODULUS } from './curve.js';
import { UsageError } from './errors.js';
import type { Statement } from './types.js';

/** Number of public inputs of a finality circuit, the challenge of a two-round one not counted. */
export const STATEMENT_INPUTS = 6;

const BOUND_64 = 1n << 64n;
const BOUND_256 = 1n << 256n;
const LOW_BYTE = 255n;

/** Exclusive upper bound of each part of a statement. */
export const STATEMENT_BOUNDS: { readonly [Part in keyof Statement]: bigint } = {
  trustedSet: FIELD_MODULUS,
  signingSet: FIELD_MODULUS,
  nextSet: FIELD_MODULUS,
  height: BOUND_64,
  time: BOUND_64,
  blockHash: BOUND_256,
  stateRoot: BOUND_256,
};

/**
 * Checks that every part of a statement is in its range.
 *
 * @throws {UsageError} `STATEMENT_RANGE`, naming the part.
 */
export function assertStatement(statement: Statement): void {
  for (const [part, bound] of Object.entries(STATEMENT_BOUNDS))
    assertBelow(bound, statement[part as keyof Statement], 'STATEMENT_RANGE', `statement.${part}`);
}

function assertBelow(bound: bigint, value: unknown, code: string, name: string): void {
  if (typeof value !== 'bigint' || value < 0n || value >= bound)
    throw new UsageError(code, `${name}: expected a bigint in [0, ${bound}), got ${String(value)}.`);
}

/**
 * The public inputs that a statement stands for, in circuit order, without the challenge.
 *
 * @returns Six scalars below r.
 * @throws {UsageError} `STATEMENT_RANGE` if a part is outside its range.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { packStatement, parseFinalityProof } from 'zkfinality/verify';
 *
 * const { statement } = parseFinalityProof(JSON.parse(readFileSync('examples/demo/block-2.proof.json', 'utf8')));
 * const inputs = packStatement(statement);
 * console.log(inputs.length, inputs[5]! >> 80n); // 6 2n
 * ```
 */
export function packStatement(statement: Statement): bigint[] {
  assertStatement(statement);
  const { trustedSet, signingSet, nextSet, height, time, blockHash, stateRoot } = statement;
  const w3 = (height << 80n) | (time << 16n) | ((blockHash & LOW_BYTE) << 8n) | (stateRoot & LOW_BYTE);
  return [trustedSet, signingSet, nextSet, blockHash >> 8n, stateRoot >> 8n, w3];
}

/** Public inputs of a finality circuit by the names of its signals. */
export type NamedInputs = { readonly [Name in (typeof INPUT_NAMES)[number]]: bigint };

const INPUT_NAMES = ['trustedSet', 'signingSet', 'nextSet', 'w1', 'w2', 'w3'] as const;

/**
 * {@link packStatement}, by signal name.
 *
 * @throws {UsageError} `STATEMENT_RANGE`.
 */
export function namedInputs(statement: Statement): NamedInputs {
  const packed = packStatement(statement);
  return Object.fromEntries(INPUT_NAMES.map((name, i) => [name, packed[i]])) as NamedInputs;
}

/**
 * The one statement that packs to these public inputs.
 *
 * @param inputs - Exactly six scalars.
 * @throws {UsageError} `PUBLIC_INPUT_COUNT`; `PUBLIC_INPUT_RANGE` where no statement packs to them.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { packStatement, parseFinalityProof, unpackStatement } from 'zkfinality/verify';
 *
 * const { statement } = parseFinalityProof(JSON.parse(readFileSync('examples/demo/block-2.proof.json', 'utf8')));
 * console.log(unpackStatement(packStatement(statement)).blockHash === statement.blockHash); // true
 * ```
 */
export function unpackStatement(inputs: readonly bigint[]): Statement {
  if (inputs.length !== STATEMENT_INPUTS)
    throw new UsageError(
      'PUBLIC_INPUT_COUNT',
      `public inputs: expected ${STATEMENT_INPUTS}, got ${inputs.length}. Leave the challenge out.`,
    );
  const bounds = [FIELD_MODULUS, FIELD_MODULUS, FIELD_MODULUS, 1n << 248n, 1n << 248n, 1n << 144n];
  bounds.forEach((bound, index) => {
    assertBelow(bound, inputs[index], 'PUBLIC_INPUT_RANGE', `publicInputs[${index}]`);
  });
  const [trustedSet, signingSet, nextSet, w1, w2, w3] = inputs as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  return {
    trustedSet,
    signingSet,
    nextSet,
    height: w3 >> 80n,
    time: (w3 >> 16n) & (BOUND_64 - 1n),
    blockHash: (w1 << 8n) | ((w3 >> 8n) & LOW_BYTE),
    stateRoot: (w2 << 8n) | (w3 & LOW_BYTE),
  };
}
