/** Real Chromium, and the local server of the pages. */
import { spawnSync } from 'node:child_process';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
  type Request,
} from 'playwright-core';
import { type RunningServer, startServer } from './run-node.js';

/** Where Chromium is. Under CI=true its absence is an error, elsewhere tests that need it skip. */
export const chromiumPath: string | undefined = (() => {
  const found = process.env.CHROMIUM ?? spawnSync('which', ['chromium'], { encoding: 'utf8' }).stdout.trim();
  if (found !== '') return found;
  if (process.env.CI === 'true')
    throw new Error('chromium not found: install it (apt-get install chromium), or set CHROMIUM to its path');
  console.warn('chromium not found: tests in a browser are skipped');
  return undefined;
})();

export function launchChromium(): Promise<Browser> {
  // Containers run as root, where Chromium's own sandbox does not start.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: chromiumPath!, args });
}

/** Starts `npm run web` on a free port. */
export function startWebServer(): Promise<RunningServer> {
  return startServer(['scripts/serve-web.mjs', '--port', '0']);
}

/** An open page, and what it did. */
export type Visit = {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly requests: Request[];
  /** Errors, warnings and breaches of its policy. */
  readonly complaints: string[];
};

/** Opens one of the pages in a profile of its own and waits until it is ready. */
export async function visit(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
  prepare: (page: Page) => Promise<unknown> = async () => {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const requests: Request[] = [];
  const complaints: string[] = [];
  const page = await context.newPage();
  context.on('request', (request) => requests.push(request));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  await page.exposeFunction('reportViolation', (text: string) => complaints.push(text));
  await page.addInitScript(() => {
    const { reportViolation } = globalThis as unknown as { reportViolation: (text: string) => void };
    document.addEventListener('securitypolicyviolation', (event) =>
      reportViolation(`${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  await prepare(page);
  await page.goto(url);
  await page.waitForSelector('html[data-ready]');
  return { context, page, requests, complaints };
}
