/** Native engines for tests. Without the addon these tests are skipped; under CI it must have been built. */
import { createNativeEngine, type NativeEngine } from '../../src/engine/native/native-engine.js';
import type { NativeArithmetic } from '../../src/engine/types.js';

async function open(threads: number, isa: NativeArithmetic): Promise<NativeEngine | undefined> {
  return createNativeEngine({ threads, isa }).catch((error: { code?: string }) => {
    if (error.code === 'NATIVE_MISSING') return undefined;
    throw error;
  });
}

const SETS = ['portable', 'adx', 'ifma'] as const;
const probes = await Promise.all(SETS.map((isa) => open(1, isa)));
await Promise.all(probes.map((probe) => probe?.close()));

/** The instruction sets that this machine can test, the slowest first. */
export const ISAS = SETS.filter((_, i) => probes[i] !== undefined);
/** Whether the addon is there. */
export const hasNative = ISAS.length > 0;
if (!hasNative) {
  if (process.env.CI === 'true') throw new Error('the native engine is missing: npm run build:native');
  console.warn('skipped: the native engine was not built (npm run build:native)');
}

/** How much longer than usual things may take: builds that check themselves are slow. */
export const PATIENCE = process.env.ZKFINALITY_ADDON === undefined ? 1 : 5;

/** Engines of all instruction sets, with several threads and with one. */
export const nativeEngines = (): Promise<NativeEngine[]> =>
  Promise.all([
    ...ISAS.map((isa) => createNativeEngine({ threads: 3, isa })),
    createNativeEngine({ threads: 1 }),
  ]);
