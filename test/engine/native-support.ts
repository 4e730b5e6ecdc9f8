/** Native engines for tests. Without the addon these tests are skipped; under CI it must have been built. */
import { createNativeEngine, type NativeEngine } from '../../src/engine/native/native-engine.js';

async function open(threads: number, isa: 'portable' | 'ifma'): Promise<NativeEngine | undefined> {
  return createNativeEngine({ threads, isa }).catch((error: { code?: string }) => {
    if (error.code === 'NATIVE_MISSING') return undefined;
    throw error;
  });
}

const probe = await open(1, 'portable');
const fastProbe = await open(1, 'ifma');
await Promise.all([probe?.close(), fastProbe?.close()]);

/** Whether the addon is there. */
export const hasNative = probe !== undefined;
/** Whether this processor has AVX-512 IFMA too. */
export const hasIfma = fastProbe !== undefined;
if (!hasNative) {
  if (process.env.CI === 'true') throw new Error('the native engine is missing: npm run build:native');
  console.warn('skipped: the native engine was not built (npm run build:native)');
}

/** How much longer than usual things may take: builds that check themselves are slow. */
export const PATIENCE = process.env.ZKFINALITY_ADDON === undefined ? 1 : 5;

/** The instruction sets that this machine can test. */
export const ISAS = hasIfma ? (['portable', 'ifma'] as const) : (['portable'] as const);

/** Engines of all instruction sets, with several threads and with one. */
export const nativeEngines = (): Promise<NativeEngine[]> =>
  Promise.all([
    ...ISAS.map((isa) => createNativeEngine({ threads: 3, isa })),
    createNativeEngine({ threads: 1 }),
  ]);
