/** Real Chromium, and the local server of the pages. */
import { spawnSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';
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
