/** The proving page of `examples/browser` in real Chromium: the WASM engine on web workers that share memory. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDevnet } from '../../src/devnet/index.js';
import {
  parseManifest,
  parseTrustAnchor,
  parseVerificationKey,
  verifyFinality,
} from '../../src/verify/index.js';
import { chromiumPath, launchChromium, startWebServer, type Visit, visit } from '../support/chromium.js';
import type { RunningServer } from '../support/run-node.js';

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

describe.skipIf(chromiumPath === undefined)('the proving page', () => {
  let browser: Browser;
  let server: RunningServer;

  beforeAll(async () => {
    execFileSync(process.execPath, ['scripts/web-prove.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] });
    server = await startWebServer();
    browser = await launchChromium();
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  /** Presses the button and waits for what the page says. */
  async function press({ page }: Visit): Promise<string | null> {
    await page.click('#prove');
    await page.waitForSelector('#result > *', { timeout: 120_000 });
    return page.evaluate(
      () => document.querySelector('#result [data-code]')?.getAttribute('data-code') ?? null,
    );
  }

  const open = (prepare?: (page: Page) => Promise<unknown>): Promise<Visit> =>
    visit(browser, `${server.url}/prove.html`, {}, prepare);

  function expectQuiet({ complaints, requests }: Visit): void {
    expect(complaints).toEqual([]);
    expect(requests.length).toBeGreaterThan(10);
    for (const request of requests) expect(request.url().startsWith(`${server.url}/`)).toBe(true);
  }

  it('accepts: a block of the smallest tier; the proof verifies elsewhere too', async () => {
    const shown = await open();
    expect(await shown.page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
    await shown.page.evaluate(() => {
      const target = globalThis as unknown as { proofs: unknown[] };
      target.proofs = [];
      const listen = Worker.prototype.addEventListener;
      Worker.prototype.addEventListener = function (this: Worker, ...args: unknown[]) {
        listen.call(this, 'message', (event) => {
          const { kind, proof } = (event as MessageEvent).data as { kind: string; proof?: unknown };
          if (kind === 'proved') target.proofs.push(proof);
        });
        return (listen as (...given: unknown[]) => void).apply(this, args);
      } as typeof listen;
    });
    expect(await press(shown)).toBeNull();
    expect(await shown.page.locator('.banner').getAttribute('data-outcome')).toBe('final');
    expect(Number.parseFloat((await shown.page.textContent('#proved-ms')) ?? '')).toBeGreaterThan(10);
    expect(await shown.page.textContent('#timings')).toMatch(/ on [1-9]\d* threads/);
    expectQuiet(shown);

    const proofs = await shown.page.evaluate(() => (globalThis as unknown as { proofs: unknown[] }).proofs);
    const manifest = parseManifest(readJson('keys/manifest.json'));
    const result = verifyFinality(proofs[0], {
      anchor: parseTrustAnchor(readJson('build/web/prove/trust.json')),
      manifest,
      verificationKeys: [parseVerificationKey(readJson('keys/committee-4.json'))],
    });
    expect(result).toMatchObject({ ok: true, circuit: 'committee-4', statement: { height: 2n } });

    // Everything was closed: the next proof starts from nothing.
    await shown.page.evaluate(() => document.querySelector('#result')?.replaceChildren());
    expect(await press(shown)).toBeNull();
    await shown.context.close();
  }, 240_000);

  it('rejects: with a code and a sentence where the page is not isolated', async () => {
    const shown = await open((page) =>
      page.route('**/prove.html', async (route) => {
        const response = await route.fetch();
        const headers = Object.fromEntries(
          Object.entries(response.headers()).filter(([name]) => !name.startsWith('cross-origin-')),
        );
        await route.fulfill({ response, headers });
      }),
    );
    expect(await shown.page.evaluate(() => globalThis.crossOriginIsolated)).toBe(false);
    expect(await press(shown)).toBe('NOT_ISOLATED');
    expect(await shown.page.textContent('#result')).toContain('Cross-Origin-Embedder-Policy');
    expect(shown.complaints).toEqual([]);
    await shown.context.close();
  });

  const misbehaving = createDevnet('committee', { seed: 'zkfinality', validators: 4, chainId: 1337n });
  const manifest = readJson('keys/manifest.json') as { readonly keys: readonly object[] };
  const otherCircuit = JSON.stringify({
    ...manifest,
    keys: manifest.keys.map((key) => ({ ...key, circuitHash: `0x${'11'.repeat(32)}` })),
  });

  it.each([
    [
      'a block without a quorum',
      'prove/block.json',
      () => misbehaving.block(2, 'missing-votes').text,
      'QUORUM_NOT_REACHED',
    ],
    ['a block of another chain', 'prove/block.json', () => otherChain(), 'CHAIN_MISMATCH'],
    [
      'a key that was cut',
      'prove/committee-4.zkey',
      (body: Buffer) => body.subarray(0, -1),
      'FILE_TRUNCATED',
    ],
    ['a key for another circuit', 'keys/manifest.json', () => otherCircuit, 'KEY_OF_OTHER_CIRCUIT'],
    ['a damaged witness program', 'prove/committee-4.wasm', () => 'not a program', 'WITNESS_PROGRAM_INVALID'],
  ] as const)('rejects: %s', async (_, path, alter, code) => {
    const shown = await open((page) =>
      page.route(`**/${path}`, async (route) => {
        const response = await route.fetch();
        const headers = { ...response.headers() };
        delete headers['content-length'];
        await route.fulfill({ response, headers, body: alter(await response.body()) });
      }),
    );
    expect(await press(shown)).toBe(code);
    expect(shown.complaints).toEqual([]);
    await shown.context.close();
  });

  function otherChain(): string {
    return createDevnet('committee', { seed: 'zkfinality', validators: 4, chainId: 1338n }).block(2).text;
  }

  it.each([360, 1280])('behavior: at a width of %i nothing scrolls sideways', async (width) => {
    const { page, context } = await visit(browser, `${server.url}/prove.html`, {
      viewport: { width, height: 800 },
    });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await context.close();
  });
});
