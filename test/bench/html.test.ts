import { describe, expect, it } from 'vitest';
import { reportHtml } from '../../src/bench/html.js';
import { speedUpByThreads, stageBreakdown, timeByConstraints } from '../../src/bench/plots.js';
import { escapeText, logTicks } from '../../src/bench/svg.js';
import { reportText } from '../../src/bench/text.js';
import { entry, FULL, report, series } from './support.js';

const HOSTILE = `<script>alert('x')</script>" onload="alert(1) & 'more'`;

/** Elements that have no end. */
const VOID = new Set(['meta', '!doctype']);

/** Checks that every element ends where it should; attributes must be quoted. */
function assertBalanced(html: string): number {
  const open: string[] = [];
  let count = 0;
  for (const [tag, slash, name = '', attributes = ''] of html.matchAll(/<(\/?)([!a-z][a-z0-9]*)([^<>]*)>/g)) {
    count++;
    if (slash === '/') expect(open.pop(), tag).toBe(name);
    else {
      if (name !== '!doctype') expect(attributes, tag).toMatch(/^(?: [a-zA-Z0-9-]+="[^"<>]*")*$/);
      if (!VOID.has(name)) open.push(name);
    }
  }
  expect(open).toEqual([]);
  return count;
}

describe('reportHtml', () => {
  const html = reportHtml(report(FULL));

  it('default: a whole page with three drawings, for three widths each', () => {
    expect(html.startsWith('<!doctype html>\n<html lang="en">')).toBe(true);
    expect(assertBalanced(html)).toBeGreaterThan(200);
    for (const title of ['Time by constraints', 'Speed-up by threads', 'Where the time goes'])
      expect(html.split(`aria-label="${title}:`).length - 1, title).toBe(3);
    expect(html).toContain('4.0×</div><div>as fast as snarkjs');
    expect(html).toContain('prefers-color-scheme: dark');
    expect(html).toContain('Peak memory: zkfinality WASM 2.5 GB');
  });

  it('behavior: nothing from elsewhere and no scripts', () => {
    expect(html).not.toMatch(
      /https?:|\/\/|url\(|@import|<(?:script|link|img|iframe|object|base)\b|\b(?:src|href)=/,
    );
  });

  it('behavior: no figure is missing from its place', () => {
    expect(html).not.toMatch(/NaN|undefined|Infinity|null|\[object/);
  });

  it('error: text from a report stays text', () => {
    const hostile = report(
      FULL.map((one) => ({ ...one, subject: `${one.subject}${HOSTILE}` })),
      { version: HOSTILE, snarkjs: HOSTILE, command: HOSTILE, measuredAt: HOSTILE, warnings: [HOSTILE] },
    );
    const page = reportHtml({
      ...hostile,
      machine: { ...hostile.machine, cpu: HOSTILE, features: [HOSTILE] },
    });
    assertBalanced(page);
    expect(page).not.toMatch(/<script|" onload=/);
    expect(page).toContain(
      '&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot; onload=&quot;alert(1) &amp; &#39;more&#39;',
    );
  });

  it('behavior: a report of one figure has its card and no drawings', () => {
    const page = reportHtml(report([entry('fft', '2^10', [series('wasm', 1, [1])])]));
    assertBalanced(page);
    expect(page).not.toContain('<svg');
    expect(page).toContain('2^10');
  });
});

describe('drawings', () => {
  it('default: every point lies inside', () => {
    for (const width of [330, 500, 1036])
      for (const plot of [timeByConstraints, speedUpByThreads, stageBreakdown]) {
        const drawn = plot(report(FULL))?.draw(width) ?? '';
        assertBalanced(drawn);
        const height = Number(/ height="([0-9.]+)"/.exec(drawn)?.[1]);
        const values = (axis: string): number[] =>
          [...drawn.matchAll(new RegExp(` c?${axis}[12]?="(-?[0-9.]+)"`, 'g'))].map((match) =>
            Number(match[1]),
          );
        expect(values('x').length).toBeGreaterThan(3);
        expect(Math.min(...values('x'), ...values('y'))).toBeGreaterThanOrEqual(0);
        expect(Math.max(...values('x'))).toBeLessThanOrEqual(width);
        expect(Math.max(...values('y'))).toBeLessThanOrEqual(height);
      }
  });

  it('behavior: many threads, one circuit', () => {
    const threads = [1, 2, 4, 8, 16, 48].map((count) => series('wasm', count, [1000 / count]));
    const drawn = speedUpByThreads(report([entry('threads', 'a', threads)]))?.draw(500) ?? '';
    expect(drawn).toContain('48.00 times at 48 threads');
    expect(drawn).not.toMatch(/NaN|Infinity/);
  });

  it('behavior: nothing to draw, no drawing', () => {
    const empty = report([entry('threads', 'a', [series('wasm', 1, [1])])]);
    for (const plot of [timeByConstraints, speedUpByThreads, stageBreakdown])
      expect(plot(empty)).toBeUndefined();
  });

  it('behavior: stages never add up to more than the whole', () => {
    const odd = report([entry('prove', 'a', [series('wasm', 1, [100], { rows: 90, quotient: 60 })])]);
    expect(stageBreakdown(odd)?.draw(500)).toContain('transforms 100 %');
  });
});

describe('logTicks', () => {
  it('default: 1, 2, 5, and fewer where there is no place', () => {
    expect(logTicks(1, 50, 9)).toEqual([1, 2, 5, 10, 20, 50]);
    expect(logTicks(1, 50, 5)).toEqual([1, 3, 10, 30]);
    expect(logTicks(1, 1e6, 5)).toEqual([1, 10, 100, 1000, 10_000, 100_000, 1_000_000]);
  });
});

describe('escapeText', () => {
  it('default: all five signs', () => {
    expect(escapeText(`<&>"'`)).toBe('&lt;&amp;&gt;&quot;&#39;');
  });
});

describe('reportText', () => {
  it('default: a table for every part, and the targets that were measured', () => {
    const text = reportText(report(FULL, { warnings: ['busy'] }));
    expect(text).toContain('4.00× snarkjs (3.88–4.12)');
    expect(text).toContain('1.80× one thread');
    expect(text).toContain('Warning: busy');
    expect(text).not.toContain('keccak-5');
    expect(text).not.toMatch(/NaN|undefined/);
  });
});
