/**
 * Writes src/verify/wasm/code.ts: the WebAssembly of the pairing, as `dist/engine/pairing` generates it.
 *
 *   npm run build && npm run pairing-code
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const { pairingCodeFile } = await import(join(root, 'dist/engine/pairing/code-file.js'));
writeFileSync(join(root, 'src/verify/wasm/code.ts'), pairingCodeFile());
