import { describe, expect, test } from 'vitest';
import { createWasmEngine as createEngine } from '../../src/engine/wasm-engine.js';
import { testScalars } from './scalars-suite.js';
import { loadMontgomery, mixedScalars, montgomeries } from './support.js';

testScalars(() => Promise.all([1, 2, 4].map((threads) => createEngine({ threads }))));

describe('addresses above 2 GiB', () => {
  test('default: transforms work there', async () => {
    const high = await createEngine({ threads: 2 });
    try {
      high.alloc(2.25 * 2 ** 30);
      const values = mixedScalars(2 ** 11, 8);
      const buffer = loadMontgomery(high, values);
      expect(buffer.ptr).toBeGreaterThan(2 ** 31);
      await high.ntt(buffer, 11);
      await high.intt(buffer, 11);
      await high.frInvert(buffer, 5);
      await high.frInvert(buffer, 5);
      expect(montgomeries(high, buffer, 2 ** 11)).toEqual(values);
    } finally {
      await high.close();
    }
  });
});
