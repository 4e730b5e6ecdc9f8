/** How many cases a counted suite runs: a seeded sample by default, the full count under `npm run test:report`. */
export function runs(sample: number, report: number): number {
  return process.env.TEST_LEVEL === 'report' ? report : sample;
}

/** Deterministic bytes for tests: xorshift32 from a seed, so that a failing case can be replayed. */
export function seededBytes(seed: number): (count: number) => Uint8Array {
  let state = seed | 0 || 1;
  return (count) => {
    const out = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      out[i] = state & 255;
    }
    return out;
  };
}

/** A deterministic integer in [0, bound). */
export function seededInteger(random: (count: number) => Uint8Array, bound: bigint): bigint {
  const bytes = random(64);
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`) % bound;
}
