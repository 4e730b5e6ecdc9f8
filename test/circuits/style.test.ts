/** House rules of circuits that a machine can check: see the style guide of the project. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const files = readdirSync('circuits', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.circom') && !path.startsWith('main'))
  .map((path) => ({ path, lines: readFileSync(join('circuits', path), 'utf8').split('\n') }));

/** How far above a hint its reason may stand: hints of one loop share one. */
const REASON_WITHIN = 20;

/** Hands up values for counting multiplicities: constrained nowhere, and counts need no constraint (see RangeTable). */
const COUNTED_ONLY = /\blooked\[.*\] <--/;

const code = (line: string): string => line.replace(/\/\/.*$/, '');

describe('circuits', () => {
  it('default: there are some', () => {
    expect(files.length).toBeGreaterThan(40);
  });

  it.each(files)('behavior: $path gives a reason for every hint', ({ lines }) => {
    const bare = lines.flatMap((line, i) => {
      if (!code(line).includes('<--') || COUNTED_ONLY.test(line)) return [];
      const above = lines.slice(Math.max(0, i - REASON_WITHIN), i + 1);
      return above.some((near) => near.includes('// SOUND:')) ? [] : [`${i + 1}: ${line.trim()}`];
    });
    expect(bare).toEqual([]);
  });

  it.each(files)(
    'behavior: $path holds one template, of its own name, with the parts of its doc block',
    ({ path, lines }) => {
      const templates = lines.flatMap(
        (line) => /^template\s+(?:custom\s+|parallel\s+)?(\w+)/.exec(line)?.[1] ?? [],
      );
      expect(templates.length).toBeLessThanOrEqual(1);
      if (templates.length === 0) return;
      expect(templates).toEqual([basename(path, '.circom')]);
      const doc = lines.filter((line) => line.startsWith('///')).join('\n');
      for (const tag of ['@title', '@notice', '@soundness']) expect(doc).toContain(tag);
    },
  );

  it.each(files)('behavior: $path asserts parameters only, and declares no main', ({ lines }) => {
    const signals = new Set(
      lines.flatMap((line) =>
        [...code(line).matchAll(/signal\s+(?:input\s+|output\s+)?(?:\{\w+\}\s+)?(\w+)/g)].map((m) => m[1]),
      ),
    );
    const asserted = lines.flatMap((line) =>
      [...code(line).matchAll(/^\s*assert\((.*)\);/g)].map((m) => m[1] as string),
    );
    for (const condition of asserted)
      for (const name of condition.match(/[A-Za-z_]\w*/g) ?? [])
        expect(signals.has(name), condition).toBe(false);
    expect(lines.some((line) => /^component\s+main/.test(line))).toBe(false);
  });
});
