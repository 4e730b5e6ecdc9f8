/** Circuits from the library's sources, and expectations about inputs that they refuse. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { CircuitInput } from '../../src/statement/types.js';
import { compileCircuit, type TestCircuit } from './circuit.js';

/** A main file with one template. */
export function mainOf(include: string, instance: string, publicInputs: readonly string[] = []): string {
  const list = publicInputs.length === 0 ? '' : ` {public [${publicInputs.join(', ')}]}`;
  return `pragma circom 2.2.0;\ninclude "${include}";\ncomponent main${list} = ${instance};\n`;
}

/** A main file around a template whose inputs carry the tag `binary`: `body` uses it on plain inputs that it declares. */
export function wrapperOf(includes: readonly string[], body: string): string {
  const lines = [...includes, 'lib/bits/Binary.circom'].map((path) => `include "${path}";`);
  return `pragma circom 2.2.0;\n${lines.join('\n')}\ntemplate Wrapper() {\n${body}\n}\ncomponent main = Wrapper();\n`;
}

/**
 * A template with other source: the same rows with other hints, as a malicious prover would write them, or a mutant without a row.
 *
 * @param path - Below `circuits/`.
 * @param changes - Text to replace; each must occur exactly once.
 */
export function alteredSource(
  path: string,
  instance: string,
  changes: readonly (readonly [from: string, to: string])[],
): string {
  let source = readFileSync(`circuits/${path}`, 'utf8');
  for (const [from, to] of changes) {
    expect(source.split(from).length, `"${from}" occurs once in ${path}`).toBe(2);
    source = source.replace(from, () => to);
  }
  return `${source}\ncomponent main = ${instance};\n`;
}

/** Expects an input to be refused by a row of a certain template itself, not only somewhere below it. */
export async function expectRejection(
  circuit: TestCircuit,
  input: CircuitInput,
  template: string,
): Promise<void> {
  await expect(circuit.witness(input), `refused by ${template}`).rejects.toMatchObject({
    code: 'CIRCUIT_ASSERTION',
    message: expect.stringMatching(new RegExp(`circuit: Error in template ${template}_`)),
  });
}

/** Expects an input to have a witness that satisfies every row, and returns it. */
export async function expectWitness(circuit: TestCircuit, input: CircuitInput): Promise<bigint[]> {
  const witness = await circuit.witness(input);
  expect(circuit.failingRow(witness)).toBeUndefined();
  return witness;
}

/** Compiles with the default level of the small circuits. */
export const compile = (source: string): Promise<TestCircuit> => compileCircuit(source);
