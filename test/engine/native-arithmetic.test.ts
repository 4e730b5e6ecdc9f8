/** The native engine against the bigint reference, on every instruction set that this machine has. */
import { describe } from 'vitest';
import { hasNative, nativeEngines } from './native-support.js';
import { testPoints } from './points-suite.js';
import { testScalars } from './scalars-suite.js';

describe.skipIf(!hasNative)('native', () => {
  testScalars(nativeEngines);
  testPoints(nativeEngines);
});
