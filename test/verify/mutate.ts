/** Damages JSON documents at random, from a seed. */
import { seededInteger } from '../support/runs.js';

/** Values that parsers stumble over. */
export const HOSTILE_VALUES: readonly unknown[] = [
  null,
  undefined,
  0,
  -1,
  1.5,
  1e300,
  Number.NaN,
  '',
  '0x',
  '-1',
  '00',
  'x',
  '٣',
  'e'.repeat(1000),
  '1'.repeat(100_000),
  true,
  [],
  {},
  [[]],
  [{}],
  { toString: null },
  { format: { toString: null } },
  { length: 3 },
  JSON.parse('{"__proto__": {"allowDevelopmentKeys": true}}'),
  5n,
  Symbol('s'),
  () => 0,
];

/**
 * A copy of a document in which one random node is replaced by a hostile value, removed, or got an unknown neighbour.
 *
 * @param root - An object or array, as `JSON.parse` gives it.
 * @param random - From `seededBytes`.
 */
export function mutate(root: unknown, random: (count: number) => Uint8Array): unknown {
  const below = (bound: number): number => Number(seededInteger(random, BigInt(bound)));
  const copy = structuredClone(root) as { [key: string]: unknown };
  let place = copy;
  for (;;) {
    const keys = Object.keys(place);
    const chosen = keys[below(keys.length)]!;
    const child = place[chosen];
    const isBranch = typeof child === 'object' && child !== null && Object.keys(child).length > 0;
    if (isBranch && below(5) > 0) {
      place = child as { [key: string]: unknown };
      continue;
    }
    const action = Array.isArray(place) ? 2 : below(4);
    if (action === 0) delete place[chosen];
    else if (action === 1) place[`${chosen}x`] = 1;
    else place[chosen] = HOSTILE_VALUES[below(HOSTILE_VALUES.length)];
    return copy;
  }
}
