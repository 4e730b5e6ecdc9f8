/**
 * Serves `build/web` to this machine alone, with the headers that the page is written for.
 *
 *   npm run web [-- --port 8080]
 *
 * The content security policy lets nothing in but files of the same origin, and WebAssembly. Pages that prove get the two
 * headers that isolate them, because browsers give shared memory to isolated pages only; verification needs neither.
 */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './prepare.mjs';

const folder = join(root, 'build/web');
const { values } = parseArgs({ options: { port: { type: 'string', default: '8080' } } });
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65535) {
  console.error(`--port: expected 0 to 65535, got "${values.port}".`);
  process.exit(2);
}
if (!existsSync(join(folder, 'index.html'))) {
  console.error('build/web is not there. Run: npm run build');
  process.exit(4);
}

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.zkey': 'application/octet-stream',
};

const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};
const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};
/** The proving page, and the scripts that its workers run. Workers are started by address, which trusted types forbid without more. */
const needsIsolation = (path) => path === '/prove.html' || path.startsWith('/prove/');

const server = createServer((request, response) => {
  const answer = (status, headers, text) => response.writeHead(status, { ...HEADERS, ...headers }).end(text);
  if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, { allow: 'GET, HEAD' });
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const path = pathname === '/' ? '/index.html' : pathname;
  const type = TYPES[extname(path)];
  // Names of plain files only: no dots that climb, no escapes.
  if (type === undefined || !/^(?:\/[a-z0-9][a-z0-9._-]*)+$/.test(path)) return answer(404, {}, 'not found');
  const file = join(folder, path);
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile()) return answer(404, {}, 'not found');
  response.writeHead(200, {
    ...HEADERS,
    ...(needsIsolation(path)
      ? ISOLATED
      : { 'content-security-policy': `${POLICY}; require-trusted-types-for 'script'` }),
    'content-type': type,
    'content-length': found.size,
  });
  if (request.method === 'HEAD') return response.end();
  createReadStream(file)
    .once('error', () => response.destroy())
    .pipe(response);
});
server.once('error', (error) => {
  console.error(`port ${port}: ${error.message}`);
  process.exit(4);
});
// A page left open for a while must not find its connection closed just as it asks again.
server.keepAliveTimeout = 60_000;
server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
