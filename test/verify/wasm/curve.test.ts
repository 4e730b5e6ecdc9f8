/** `test/statement/curve.test.ts` with the WebAssembly arithmetic. */
import { expect, it, vi } from 'vitest';
import { onWasm } from '../../support/arithmetic.js';

vi.mock('../../../src/statement/arithmetic.js', () => import('../../../src/verify/wasm/arithmetic.js'));

it('default: the suite runs on WebAssembly', () => {
  expect(onWasm).toBe(true);
});

await import('../../statement/curve.test.js');
