/** Mistakes that others made, each with the tests that would catch it here: the register names tests that exist and run. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { recordFigure } from '../support/figures.js';

type Mistake = {
  readonly area: string;
  readonly mistake: string;
  /** `file > title`. */
  readonly tests: readonly string[];
  readonly note?: string;
};

const register = JSON.parse(
  readFileSync(new URL('known-mistakes.json', import.meta.url), 'utf8'),
) as readonly Mistake[];

/** Titles of the tests of a file; of those that are skipped without a condition, none. */
function titlesOf(path: string): Set<string> {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const titles = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const words = node.expression.getText().split(/[.(]/);
      const [title] = node.arguments;
      if (
        (words[0] === 'it' || words[0] === 'test') &&
        !words.some((word) => word === 'skip' || word === 'todo') &&
        title !== undefined &&
        ts.isStringLiteralLike(title)
      )
        titles.add(title.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
}

describe('known mistakes', () => {
  it('default: each has tests, and each test exists under its name', () => {
    const files = new Map<string, Set<string>>();
    for (const { mistake, tests } of register) {
      expect(tests.length, mistake).toBeGreaterThan(0);
      expect(new Set(tests).size, mistake).toBe(tests.length);
      for (const test of tests) {
        const [path, title] = test.split(' > ') as [string, string];
        if (!files.has(path)) files.set(path, titlesOf(path));
        expect(files.get(path)!.has(title), `${path} has a test "${title}"`).toBe(true);
      }
    }
    expect(new Set(register.map(({ mistake }) => mistake)).size).toBe(register.length);
    for (const { area, mistake, tests, note } of register) {
      const byFile = new Map<string, string[]>();
      for (const test of tests) {
        const [path, title] = test.split(' > ') as [string, string];
        byFile.set(path, [...(byFile.get(path) ?? []), title.replaceAll('|', '\\|')]);
      }
      const text = [...byFile].map(([path, titles]) => `\`${path}\`: ${titles.join('; ')}`);
      recordFigure('security-known-mistakes', {
        mistake,
        area,
        tests: [...text, ...(note === undefined ? [] : [note])].join('<br>'),
      });
    }
  });
});
