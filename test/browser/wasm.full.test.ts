/** `zkfinality/verify/wasm` in real Chromium: under the page's strict policy it verifies, under a stricter one it accepts nothing. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launchChromium, startWebServer, visit } from '../support/chromium.js';
import type { RunningServer } from '../support/run-node.js';

/** What the page's program answers: codes by document, times, what the page may do. */
type Answers = {
  readonly final: string;
  readonly changed: string;
  readonly forged: string;
  readonly foreign: string;
  readonly client: readonly string[];
  readonly isolated: boolean;
  readonly firstMs: number;
  readonly warmMs: number;
};

/** As text, so that the test runner leaves the imports to the page. `before` runs between the import and the first use. */
const program = (before: string): string => `(async () => {
  const load = async (path) => (await fetch(path)).json();
  const [trust, manifestJson, keyJson, registrationKey, block2, block4, registration] = await Promise.all(
    ['demo/trust.json', 'keys/manifest.json', 'keys/istanbul-qbft-4.json', 'keys/istanbul-registration-4.json', 'demo/block-2.proof.json', 'demo/block-4.proof.json', 'demo/registration.json'].map(load));
  const verifier = await import('./verify-wasm.js');
  ${before}
  const started = performance.now();
  const options = {
    anchor: verifier.parseTrustAnchor(trust),
    manifest: verifier.parseManifest(manifestJson),
    verificationKeys: [keyJson, registrationKey].map((json) => verifier.parseVerificationKey(json)),
  };
  const answer = (document) => {
    const result = verifier.verifyFinality(document, options);
    return result.ok ? 'accepted' : result.code;
  };
  const forged = { ...block2, statement: { ...block2.statement, height: '3' } };
  const final = answer(block2);
  const firstMs = performance.now() - started;
  const again = performance.now();
  for (let i = 0; i < 20; i++) answer(block2);
  const warmMs = (performance.now() - again) / 20;
  const client = await verifier.LightClient.open({ ...options, storage: verifier.webStorage(localStorage, 'wasm') });
  const followed = [];
  for (const document of [block2, block2, forged, block4, registration, block4]) {
    const result = await client.update(document);
    followed.push(result.ok ? 'accepted' : result.code);
  }
  return {
    final,
    changed: answer(block4),
    forged: answer(forged),
    foreign: answer({ ...block2, chainId: '1' }),
    client: followed,
    isolated: crossOriginIsolated,
    firstMs,
    warmMs,
  };
})()`;

describe.skipIf(chromiumPath === undefined)('the WebAssembly verifier in a page', () => {
  let browser: Browser;
  let server: RunningServer;
  beforeAll(async () => {
    server = await startWebServer();
    browser = await launchChromium();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  it.each([
    ['compiled at the first use', ''],
    ['compiled aside', 'await verifier.loadWasm();'],
  ])("default: verifies under script-src 'self' 'wasm-unsafe-eval', not isolated, %s", async (_, before) => {
    const { context, page, complaints } = await visit(browser, `${server.url}/`);
    const { firstMs, warmMs, ...answers } = (await page.evaluate(program(before))) as Answers;
    expect(answers).toEqual({
      final: 'accepted',
      changed: 'SIGNING_SET_NOT_REGISTERED',
      forged: 'PROOF_INVALID',
      foreign: 'CHAIN_MISMATCH',
      client: [
        'accepted',
        'PROOF_REPLAYED',
        'PROOF_INVALID',
        'SIGNING_SET_NOT_REGISTERED',
        'accepted',
        'accepted',
      ],
      isolated: false,
    });
    console.info(`chromium: first ${firstMs.toFixed(1)} ms, warm ${warmMs.toFixed(1)} ms`);
    expect(firstMs).toBeLessThan(3 * 250);
    expect(warmMs).toBeLessThan(3 * 60);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("error: without 'wasm-unsafe-eval' it says so, at once and aside, and reads no key", async () => {
    const strict = async (page: Page): Promise<void> => {
      await page.route(`${server.url}/`, async (route) => {
        const response = await route.fetch();
        const policy = response.headers()['content-security-policy']!;
        expect(policy).toContain(" 'wasm-unsafe-eval'");
        const stricter = policy.replaceAll(" 'wasm-unsafe-eval'", '');
        await route.fulfill({
          response,
          headers: { ...response.headers(), 'content-security-policy': stricter },
        });
      });
    };
    const { context, page } = await visit(browser, `${server.url}/`, {}, strict);
    const codes = await page.evaluate(`(async () => {
      const verifier = await import('./verify-wasm.js');
      const key = await (await fetch('keys/istanbul-qbft-4.json')).json();
      const proof = await (await fetch('demo/block-2.proof.json')).json();
      const code = async (run) => {
        try {
          const result = await run();
          return result?.ok ? 'accepted' : result?.code ?? 'done';
        } catch (error) {
          return error instanceof verifier.ZkFinalityError ? error.code : String(error);
        }
      };
      return [
        await code(() => verifier.loadWasm()),
        await code(() => verifier.parseVerificationKey(key)),
        await code(() => verifier.verifyFinality(proof, { verificationKeys: [] })),
      ];
    })()`);
    expect(codes).toEqual(['WASM_UNAVAILABLE', 'WASM_UNAVAILABLE', 'WASM_UNAVAILABLE']);
    await context.close();
  });
});
