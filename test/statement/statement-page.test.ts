import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { DEVELOPMENT_GAMMA } from '../../src/statement/keys.js';
import { packStatement } from '../../src/statement/packing.js';
import { commitValidatorSet, TAG_SET } from '../../src/statement/set-commitment.js';
import { challenge, verificationKeyHash } from '../../src/statement/transcript.js';
import { istanbulSet } from '../verify/support.js';
import {
  challengeByFormula,
  circomlibPoseidon,
  commitByFormula,
  committeeSet,
  istanbulSetWithUnknown,
  keyHashByFormula,
  vectorKeys,
  vectorStatement,
} from './vectors.js';

const PAGE = 'docs/STATEMENT.md';
const hex = (value: bigint): string => `0x${value.toString(16).padStart(64, '0')}`;

describe('docs/STATEMENT.md', () => {
  let poseidon: (inputs: readonly bigint[]) => bigint;
  beforeAll(async () => {
    poseidon = await circomlibPoseidon();
  });

  it('default: the vectors on the page are those of the code and of independent formulas', () => {
    const inputs = packStatement(vectorStatement);
    const sets = {
      committee: committeeSet,
      qbft: istanbulSet(),
      'qbft, third key unknown': istanbulSetWithUnknown,
    };
    const lines: string[] = [
      '```',
      `TAG_SET            ${hex(TAG_SET)}`,
      `development gamma  ${hex(DEVELOPMENT_GAMMA)}`,
      '',
    ];
    for (const [name, set] of Object.entries(sets)) {
      expect(commitValidatorSet(set)).toBe(commitByFormula(set, poseidon));
      lines.push(`set (${name}), chain ${set.chainId}, variant ${set.variant}`);
      for (const { identity, publicKey, power } of set.members)
        lines.push(
          `  identity   0x${identity.toString(16).padStart(40, '0')}`,
          `  power      ${power}`,
          `  x          ${hex(publicKey.x)}`,
          `  y          ${hex(publicKey.y)}`,
        );
      lines.push(`  commitment ${hex(commitValidatorSet(set))}`, '');
    }
    lines.push('statement');
    for (const [part, value] of Object.entries(vectorStatement))
      lines.push(`  ${part.padEnd(10)} ${part === 'height' || part === 'time' ? value : hex(value)}`);
    lines.push('public inputs', ...inputs.map((input) => `  ${hex(input)}`), '');
    for (const [system, key] of Object.entries(vectorKeys)) {
      expect(verificationKeyHash(key)).toBe(keyHashByFormula(key));
      lines.push(`hash of the ${system} toy key`, `  ${hex(verificationKeyHash(key))}`);
    }
    const d = { x: 1n, y: 2n };
    const keyHash = verificationKeyHash(vectorKeys.ultragroth);
    expect(challenge(keyHash, inputs, d)).toBe(challengeByFormula(keyHash, inputs, d));
    lines.push(
      'challenge for the ultragroth key, these inputs, D = (1, 2)',
      `  ${hex(challenge(keyHash, inputs, d))}`,
      '```',
    );

    const page = readFileSync(PAGE, 'utf8');
    const [before, rest] = page.split('<!-- vectors -->\n');
    const [shown, after] = rest!.split('<!-- /vectors -->');
    const expected = `${lines.join('\n')}\n`;
    if (process.env.UPDATE_VECTORS === '1')
      writeFileSync(PAGE, `${before}<!-- vectors -->\n${expected}<!-- /vectors -->${after}`);
    else expect(shown).toBe(expected);
  });
});
