/** The report page in real Chromium: light and dark, on a desktop and on a phone, without network. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportHtml } from '../../src/bench/html.js';
import { chromiumPath, launchChromium } from '../support/chromium.js';
import { FULL, report } from './support.js';

describe.skipIf(chromiumPath === undefined)('the report page', () => {
  let browser: Browser;
  let folder: string;
  let url: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'zkfinality-bench-page-'));
    const file = join(folder, 'report.html');
    writeFileSync(file, reportHtml(report(FULL, { warnings: ['the machine was busy'] })));
    url = pathToFileURL(file).href;
    browser = await launchChromium();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(width: number, colorScheme: 'light' | 'dark'): Promise<{ page: Page; seen: string[] }> {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    const seen: string[] = [];
    page.on('request', (request) => seen.push(request.url()));
    page.on('pageerror', (error) => seen.push(error.message));
    page.on('console', (message) => seen.push(message.text()));
    await page.goto(url);
    return { page, seen };
  }

  it.each([
    [1280, 'light'],
    [1280, 'dark'],
    [768, 'light'],
    [375, 'light'],
    [375, 'dark'],
    [320, 'light'],
  ] as const)('default: %s pixels, %s: fits, every drawing once, loads nothing', async (width, scheme) => {
    const { page, seen } = await open(width, scheme);
    expect(seen).toEqual([url]);
    const found = await page.evaluate(() => {
      const isShown = (node: Element): boolean => node.getBoundingClientRect().width > 0;
      const shown = [...document.querySelectorAll('.drawing svg')].filter(isShown);
      const fonts = shown.flatMap((svg) => {
        const { width: drawn } = svg.getBoundingClientRect();
        const scale = drawn / (svg as SVGSVGElement).viewBox.baseVal.width;
        return [...svg.querySelectorAll('text')].map(
          (text) => Number.parseFloat(getComputedStyle(text).fontSize) * scale,
        );
      });
      const outside = [...document.querySelectorAll('main *')].filter((node) => {
        const { left, right } = node.getBoundingClientRect();
        return left < -0.5 || right > document.documentElement.clientWidth + 0.5;
      });
      return {
        background: getComputedStyle(document.body).backgroundColor,
        drawings: shown.map((svg) => svg.getAttribute('aria-label')?.split(':')[0]),
        smallest: Math.min(...fonts),
        outside: outside.map((node) => node.outerHTML.slice(0, 80)),
        scrolls: document.documentElement.scrollWidth > document.documentElement.clientWidth,
      };
    });
    expect(found.drawings).toEqual(['Time by constraints', 'Speed-up by threads', 'Where the time goes']);
    expect(found.outside).toEqual([]);
    expect(found.scrolls).toBe(false);
    expect(found.smallest).toBeGreaterThan(9);
    expect(found.background).toBe(scheme === 'light' ? 'rgb(246, 247, 249)' : 'rgb(15, 18, 22)');
    await page.context().close();
  });

  it('default: labels of drawings do not cover each other', async () => {
    for (const width of [1280, 375]) {
      const { page } = await open(width, 'light');
      const covered = await page.evaluate(() => {
        const pairs: string[] = [];
        for (const svg of document.querySelectorAll('.drawing svg')) {
          const texts = [...svg.querySelectorAll('text')].filter(
            (text) => text.getBoundingClientRect().width > 0,
          );
          for (const [i, one] of texts.entries())
            for (const other of texts.slice(i + 1)) {
              const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
              const apart =
                a.right <= b.left || b.right <= a.left || a.bottom <= b.top + 2 || b.bottom <= a.top + 2;
              if (!apart) pairs.push(`${one.textContent} / ${other.textContent}`);
            }
        }
        return pairs;
      });
      expect(covered, `${width} pixels`).toEqual([]);
      await page.context().close();
    }
  });

  it.each(['light', 'dark'] as const)(
    'default: text stands out from what is behind it, %s',
    async (scheme) => {
      const { page } = await open(1280, scheme);
      const ratios = await page.evaluate(() => {
        const channels = (colour: string): number[] =>
          (colour.match(/[0-9.]+/g) ?? []).slice(0, 3).map(Number);
        const luminance = (colour: string): number => {
          const [r = 0, g = 0, b = 0] = channels(colour).map((value) => {
            const share = value / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
          });
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const contrast = (a: string, b: string): number => {
          const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
          return (high + 0.05) / (low + 0.05);
        };
        const style = (selector: string): CSSStyleDeclaration =>
          getComputedStyle(document.querySelector(selector) as Element);
        const card = style('.card').backgroundColor;
        const onBars = [...document.querySelectorAll('.drawing.wide .on-bar')].map((text) => {
          const bar = text.previousElementSibling as Element;
          return contrast(getComputedStyle(text).fill, getComputedStyle(bar).fill);
        });
        return {
          text: contrast(style('body').color, card),
          soft: contrast(style('.soft').color, style('body').backgroundColor),
          tick: contrast(style('.tick').fill, card),
          warning: contrast(style('.warning').color, style('.warning').backgroundColor),
          good: contrast(style('.verdict.good').color, style('.verdict.good').backgroundColor),
          onBars: Math.min(...onBars),
        };
      });
      for (const [what, ratio] of Object.entries(ratios))
        expect(ratio, what).toBeGreaterThan(what === 'onBars' ? 3 : 4.5);
      await page.context().close();
    },
  );
});
