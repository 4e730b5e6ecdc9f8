import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FORMAT_CODES, formatError } from '../../src/formats/codes.js';
import { CEREMONY_CODES } from '../../src/groth16/ceremony-verify.js';

describe('codes', () => {
  it('default: docs/FORMATS.md lists every code with its meaning', () => {
    const text = readFileSync('docs/FORMATS.md', 'utf8');
    for (const [code, meaning] of Object.entries({ ...FORMAT_CODES, ...CEREMONY_CODES })) {
      expect(text).toContain(`| \`${code}\` | ${meaning} |`);
    }
  });

  it('behavior: a message names file, place, expectation, finding and next step', () => {
    const problem = {
      file: 'a.zkey',
      where: 'section 3 (IC)',
      expected: '128 bytes',
      got: '64',
      next: 'Make it again.',
    };
    expect(formatError('SECTION_SIZE', problem)).toMatchObject({
      code: 'SECTION_SIZE',
      kind: 'file',
      message: 'a.zkey, section 3 (IC): expected 128 bytes, got 64. Make it again.',
    });
  });
});
