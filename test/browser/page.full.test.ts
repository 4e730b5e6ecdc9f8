/** The page of `examples/browser` in real Chromium, under the content security policy of the local server. */
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, BrowserContextOptions, Page, Request } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromiumPath, launchChromium, startWebServer, visit } from '../support/chromium.js';
import type { RunningServer } from '../support/run-node.js';

type Document = { readonly [field: string]: unknown };
const demo = (name: string): string => readFileSync(`examples/demo/${name}`, 'utf8');
const proofText = demo('block-2.proof.json');
const trustText = demo('trust.json');
const registrationText = demo('registration.json');
const registration = JSON.parse(registrationText) as Document & { readonly newSet: string };
const proof = JSON.parse(proofText) as Document & { readonly statement: Document };

describe.skipIf(chromiumPath === undefined)('the verifier page', () => {
  let browser: Browser;
  let server: RunningServer;
  let context: BrowserContext;
  let page: Page;
  let requests: Request[];
  let complaints: string[];

  beforeAll(async () => {
    server = await startWebServer();
    browser = await launchChromium();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  beforeEach(() => open());
  afterEach(async () => {
    await context.close();
    expect(complaints).toEqual([]);
    expect(requests.length).toBeGreaterThan(4);
    expect(requests.map((request) => new URL(request.url()).origin)).toEqual(
      requests.map(() => new URL(server.url).origin),
    );
  });

  async function open(options: BrowserContextOptions = {}): Promise<void> {
    await context?.close();
    ({ context, page, requests, complaints } = await visit(browser, `${server.url}/`, options));
  }

  async function drop(files: { readonly [name: string]: string }): Promise<void> {
    await page.evaluate(() => document.querySelector('#result')?.removeAttribute('data-outcome'));
    await page.setInputFiles(
      '#files',
      Object.entries(files).map(([name, text]) => ({
        name,
        mimeType: 'application/json',
        buffer: Buffer.from(text),
      })),
    );
  }

  async function verdict(): Promise<{ readonly outcome: string | null; readonly code: string | null }> {
    await page.waitForSelector('#result[data-outcome]');
    const banner = page.locator('.banner');
    return {
      outcome: await banner.getAttribute('data-outcome'),
      code: await banner.getAttribute('data-code'),
    };
  }

  const textOf = async (selector: string): Promise<string> =>
    (await page.locator(selector).textContent()) ?? '';

  it('accepts: a proof and an anchor that were dropped, with statement, time and the warning about the key', async () => {
    await drop({ 'proof.json': proofText, 'anchor.json': trustText });
    expect(await verdict()).toEqual({ outcome: 'final', code: null });
    const facts = await textOf('#statement');
    expect(facts).toContain(proof.statement.blockHash);
    expect(facts).toContain(proof.statement.stateRoot);
    expect(facts).toContain('2023-11-14 22:13:24 UTC');
    for (const id of ['#first-ms', '#again-ms'])
      expect(Number.parseFloat(await textOf(id))).toBeGreaterThan(0);
    expect(await page.locator('#development-key').isVisible()).toBe(true);
    expect(await page.locator('#no-anchor').count()).toBe(0);
    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(false);
  });

  it('accepts: a registration that was dropped, with the set, times and the warning about the key', async () => {
    await drop({ 'registration.json': registrationText, 'anchor.json': trustText });
    expect(await verdict()).toEqual({ outcome: 'registered', code: null });
    expect(await textOf('.banner strong')).toBe('Registered');
    const facts = await textOf('#statement');
    expect(facts).toContain(registration.newSet);
    expect(facts).toContain('1337 · istanbul, qbft');
    expect(facts).toContain('istanbul-registration-4');
    for (const id of ['#first-ms', '#again-ms'])
      expect(Number.parseFloat(await textOf(id))).toBeGreaterThan(0);
    expect(await textOf('#equation')).toBe('holds');
    expect(await page.locator('#development-key').isVisible()).toBe(true);
    expect(await textOf('#basis')).toContain('Registrations1');
  });

  it('accepts: a changed set once its registration was dropped, not before', async () => {
    await drop({ 'proof.json': demo('block-4.proof.json'), 'anchor.json': trustText });
    expect(await verdict()).toEqual({ outcome: 'refused', code: 'SIGNING_SET_NOT_REGISTERED' });
    await drop({ 'registration.json': registrationText });
    expect((await verdict()).outcome).toBe('registered');
    await drop({ 'proof.json': demo('block-4.proof.json') });
    expect((await verdict()).outcome).toBe('final');
    expect(await textOf('.banner')).toContain('changed validator set');
    // All at once, in any order: the question is about the block.
    await open();
    await drop({
      'proof.json': demo('block-4.proof.json'),
      'registration.json': registrationText,
      'anchor.json': trustText,
    });
    expect(await verdict()).toEqual({ outcome: 'final', code: null });
  });

  it.each([
    ['PROOF_INVALID', { newSet: `0x${'1'.padStart(64, '0')}` }],
    ['CHAIN_MISMATCH', { chainId: '1' }],
    ['KEY_MISSING', { verificationKeyHash: `0x${'1'.repeat(64)}` }],
    ['FIELD_UNKNOWN', { note: '' }],
    ['FORMAT_UNKNOWN', { format: 'zkfinality-registration/2' }],
  ])('rejects: an altered registration, %s; it registers nothing', async (code, changes) => {
    await drop({
      'registration.json': JSON.stringify({ ...registration, ...changes }),
      'anchor.json': trustText,
    });
    expect(await verdict()).toEqual({ outcome: 'refused', code });
    await drop({ 'proof.json': demo('block-4.proof.json') });
    expect(await verdict()).toEqual({ outcome: 'refused', code: 'SIGNING_SET_NOT_REGISTERED' });
  });

  it('rejects: a registration that nothing anchors, or of a development key where that is not allowed', async () => {
    await drop({ 'registration.json': registrationText });
    expect(await verdict()).toEqual({ outcome: 'unanchored', code: 'NOT_ANCHORED' });
    const strict = { ...(JSON.parse(trustText) as Document), allowDevelopmentKeys: false };
    await drop({ 'anchor.json': JSON.stringify(strict) });
    expect(await verdict()).toEqual({ outcome: 'refused', code: 'DEVELOPMENT_KEY' });
  });

  it.each([
    ['PROOF_INVALID', (p: typeof proof) => ({ ...p, statement: { ...p.statement, height: '3' } })],
    ['CHAIN_MISMATCH', (p: typeof proof) => ({ ...p, chainId: '1' })],
    ['KEY_MISSING', (p: typeof proof) => ({ ...p, verificationKeyHash: `0x${'1'.repeat(64)}` })],
    ['FIELD_UNKNOWN', (p: typeof proof) => ({ ...p, note: '' })],
    ['FIELD_MISSING', ({ statement: _, ...rest }: typeof proof) => rest],
  ])('rejects: an altered proof, %s, and says why', async (code, alter) => {
    await drop({ 'proof.json': JSON.stringify(alter(proof)), 'anchor.json': trustText });
    expect(await verdict()).toEqual({ outcome: 'refused', code });
    expect((await textOf('.banner')).length).toBeGreaterThan(code.length + 30);
    if (await page.locator('#statement').count())
      expect(await textOf('#facts-title')).toContain('Do not rely on it');
  });

  it('rejects: a proof that nothing anchors, in plain words', async () => {
    await drop({ 'proof.json': proofText });
    expect(await verdict()).toEqual({ outcome: 'unanchored', code: 'NOT_ANCHORED' });
    expect(await textOf('.banner')).toContain('nothing anchors it');
    expect(await textOf('#equation')).toBe('holds');
  });

  it('rejects: a development key where the anchor does not allow it', async () => {
    const strict = { ...(JSON.parse(trustText) as Document), allowDevelopmentKeys: false };
    await drop({ 'proof.json': proofText, 'anchor.json': JSON.stringify(strict) });
    expect(await verdict()).toEqual({ outcome: 'refused', code: 'DEVELOPMENT_KEY' });
  });

  it('rejects: files that are nothing it knows', async () => {
    await drop({ 'broken.json': '{' });
    await page.waitForSelector('#file-error:not([hidden])');
    expect(await textOf('#file-error')).toBe('broken.json: not JSON');
    await drop({ 'anchor.json': JSON.stringify({ ...(JSON.parse(trustText) as Document), chainId: 1337 }) });
    await page.waitForFunction(() =>
      document.querySelector('#file-error')?.textContent?.includes('FIELD_TYPE'),
    );
    expect(await page.locator('.banner').count()).toBe(0);
  });

  it.each([
    ['final', 'final', null],
    ['unregistered', 'refused', 'SIGNING_SET_NOT_REGISTERED'],
    ['registration', 'registered', null],
    ['changed', 'final', null],
    ['altered', 'refused', 'PROOF_INVALID'],
    ['foreign', 'refused', 'CHAIN_MISMATCH'],
    ['strict', 'refused', 'DEVELOPMENT_KEY'],
    ['unanchored', 'unanchored', 'NOT_ANCHORED'],
  ])('behavior: demonstration %s ends as %s %s', async (id, outcome, code) => {
    await page.click(`[data-demo=${id}]`);
    expect(await verdict()).toEqual({ outcome, code });
  });

  it('behavior: everything is reached and worked by keyboard', async () => {
    const focused = (): Promise<string> =>
      page.evaluate(() => {
        const { id, dataset, className, tagName } = document.activeElement as HTMLElement;
        return dataset.demo ?? (id || className || tagName);
      });
    const order: string[] = [];
    for (let step = 0; step < 12; step++) {
      await page.keyboard.press('Tab');
      order.push(await focused());
    }
    expect(order.slice(0, 11)).toEqual([
      'skip',
      'A',
      'files',
      'final',
      'unregistered',
      'registration',
      'changed',
      'altered',
      'foreign',
      'strict',
      'unanchored',
    ]);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    expect(await verdict()).toEqual({ outcome: 'unanchored', code: 'NOT_ANCHORED' });
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowUp');
    await page.waitForSelector('#result[data-outcome=refused]');
    expect(await page.locator('.banner').getAttribute('data-code')).toBe('DEVELOPMENT_KEY');
    expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).value)).toBe('strict');
  });

  it('behavior: the light client of the bundle remembers in localStorage', async () => {
    // As text, so that the test runner leaves the import to the page.
    const follow = (name: string): Promise<unknown> =>
      page.evaluate(`(async () => {
        const verifier = await import('./verify.js');
        const load = async (path) => (await fetch(path)).json();
        const client = await verifier.LightClient.open({
          storage: verifier.webStorage(localStorage, 'chain'),
          anchor: verifier.parseTrustAnchor(await load('demo/trust.json')),
          manifest: verifier.parseManifest(await load('keys/manifest.json')),
          verificationKeys: [
            verifier.parseVerificationKey(await load('keys/istanbul-qbft-4.json')),
            verifier.parseVerificationKey(await load('keys/istanbul-registration-4.json')),
          ],
        });
        const result = await client.update(await load('demo/${name}.json'));
        return [result.ok ? 'accepted' : result.code, String(client.newest?.height)];
      })()`);
    expect(await follow('block-2.proof')).toEqual(['accepted', '2']);
    await page.reload();
    expect(await follow('block-2.proof')).toEqual(['PROOF_REPLAYED', '2']);
    expect(await follow('block-4.proof')).toEqual(['SIGNING_SET_NOT_REGISTERED', '2']);
    expect(await follow('registration')).toEqual(['accepted', '2']);
    await page.reload();
    expect(await follow('block-4.proof')).toEqual(['accepted', '4']);
    await page.reload();
    expect(await follow('block-2.proof')).toEqual([expect.stringMatching(/^[A-Z_]+$/), '4']);
  });

  it('error: what the policy forbids is blocked and heard of', async () => {
    await page.evaluate(() => {
      new Image().src = 'https://example.org/pixel.png';
    });
    await expect.poll(() => complaints.join()).toContain('img-src https://example.org/pixel.png');
    complaints = [];
    requests = requests.filter((request) => !request.url().startsWith('https://example.org/'));
  });

  it.each(['light', 'dark'] as const)(
    'behavior: in %s, text stands out from its ground',
    async (colorScheme) => {
      await open({ colorScheme });
      for (const [id, outcome] of [
        ['final', 'final'],
        ['registration', 'registered'],
        ['altered', 'refused'],
        ['unanchored', 'unanchored'],
      ] as const) {
        await page.click(`[data-demo=${id}]`);
        await page.waitForSelector(`#result[data-outcome=${outcome}]`);
        await page.waitForTimeout(200);
        expect(await faintTexts(page)).toEqual([]);
      }
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const brightness =
        ground
          .match(/\d+/g)!
          .map(Number)
          .slice(0, 3)
          .reduce((sum, part) => sum + part) / 3;
      expect(brightness > 128).toBe(colorScheme === 'light');
    },
  );

  it.each([360, 820, 1280])('behavior: at a width of %i nothing scrolls sideways', async (width) => {
    await open({ viewport: { width, height: 800 } });
    for (const [id, outcome] of [
      ['final', 'final'],
      ['registration', 'registered'],
      ['foreign', 'refused'],
      ['unanchored', 'unanchored'],
    ] as const) {
      await page.click(`[data-demo=${id}]`);
      await page.waitForSelector(`#result[data-outcome=${outcome}]`);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
  });
});

describe.skipIf(chromiumPath === undefined)('the local server', () => {
  it('error: gives nothing but plain files of its folder, and every answer has the policy', async () => {
    const server = await startWebServer();
    try {
      for (const [path, status] of [
        ['', 200],
        ['verify.js', 200],
        ['keys/manifest.json', 200],
        ['missing.json', 404],
        ['demo', 404],
        ['%2e%2e/%2e%2e/package.json', 404],
        ['..%2f..%2fpackage.json', 404],
        ['.hidden.json', 404],
      ] as const) {
        const response = await fetch(`${server.url}/${path}`);
        expect([path, response.status]).toEqual([path, status]);
        expect(response.headers.get('content-security-policy')).toMatch(
          /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/,
        );
        expect(response.headers.get('cross-origin-opener-policy')).toBeNull();
        await response.arrayBuffer();
      }
      expect((await fetch(server.url, { method: 'POST' })).status).toBe(405);
    } finally {
      await server.close();
    }
  });
});

/** Texts whose contrast with the nearest opaque ground is below 4.5, as WCAG 2 counts it. */
function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const parts = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = (color: string): number => {
      const [red, green, blue] = parts(color)
        .slice(0, 3)
        .map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
    };
    const ground = (element: Element | null): string => {
      if (element === null) return 'rgb(255, 255, 255)';
      const color = getComputedStyle(element).backgroundColor;
      return (parts(color)[3] ?? 1) === 0 ? ground(element.parentElement) : color;
    };
    return [...document.querySelectorAll<HTMLElement>('body *')]
      .filter((element) =>
        [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim()),
      )
      .filter((element) => element.checkVisibility() && !element.closest('.skip, .hidden'))
      .flatMap((element) => {
        const [a, b] = [luminance(getComputedStyle(element).color), luminance(ground(element))];
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        return contrast >= 4.5 ? [] : [`${element.textContent?.trim()}: ${contrast.toFixed(2)}`];
      });
  });
}
