/** Real Chromium, and the local server of the pages, each in a process of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';

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

export type WebServer = { readonly url: string; readonly close: () => Promise<void> };

/** Starts `npm run web` on a free port. */
export function startWebServer(): Promise<WebServer> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(process.execPath, ['scripts/serve-web.mjs', '--port', '0'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const close = (): Promise<void> =>
      new Promise((ended) => {
        if (child.exitCode !== null || child.signalCode !== null) return ended();
        child.once('close', () => ended());
        child.kill();
      });
    child.stderr?.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
      const url = /^http:\/\/127\.0\.0\.1:\d+\/$/m.exec(output)?.[0];
      if (url !== undefined) resolve({ url, close });
    });
    child.once('close', (code) => reject(new Error(`the server ended with ${code}: ${output}`)));
  });
}
