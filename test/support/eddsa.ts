/** Alterations of a valid signature, each of which makes it invalid. */

import type { EdwardsPoint } from '../../src/math/babyjubjub.js';
import { add, BABYJUBJUB_ORDER, BASE8, IDENTITY, multiply, negate } from '../../src/math/babyjubjub.js';
import type { EddsaSignature } from '../../src/math/eddsa.js';
import { BN254_R } from '../../src/math/field.js';
import type { SigningKey } from '../../src/protocols/committee/signature.js';
import { smallOrderPoints } from './babyjubjub.js';

export type AlteredSignature = {
  readonly what: string;
  readonly text: bigint;
  readonly signature: EddsaSignature;
  readonly publicKey: EdwardsPoint;
  readonly keyInSubgroup: boolean;
};

const torsion = smallOrderPoints()[1]!;

/** All alterations of one signature. */
export function alteredSignatures(
  { publicKey }: SigningKey,
  text: bigint,
  signature: EddsaSignature,
): readonly AlteredSignature[] {
  const { r8, s } = signature;
  const base = { text, signature, publicKey, keyInSubgroup: true };
  const withS = (what: string, value: bigint): AlteredSignature => ({
    ...base,
    what,
    signature: { r8, s: value },
  });
  const withR = (what: string, point: EdwardsPoint): AlteredSignature => ({
    ...base,
    what,
    signature: { r8: point, s },
  });
  const withKey = (what: string, key: EdwardsPoint, keyInSubgroup = true): AlteredSignature => ({
    ...base,
    what,
    publicKey: key,
    keyInSubgroup,
  });
  return [
    { ...base, what: 'message + 1', text: (text + 1n) % BN254_R },
    { ...base, what: 'message − 1', text: (text + BN254_R - 1n) % BN254_R },
    withS('s + 1', (s + 1n) % BABYJUBJUB_ORDER),
    withS('s − 1', (s + BABYJUBJUB_ORDER - 1n) % BABYJUBJUB_ORDER),
    withS('s + l', s + BABYJUBJUB_ORDER),
    withS('−s', BABYJUBJUB_ORDER - s),
    withS('s = 0', 0n),
    withR('−R8', negate(r8)),
    withR('R8 + base', add(r8, BASE8)),
    withR('R8 + torsion', add(r8, torsion)),
    withR('R8 neutral', IDENTITY),
    withR('R8 = (0, 0)', { x: 0n, y: 0n }),
    withR('R8 off the curve', { x: r8.x, y: (r8.y + 1n) % BN254_R }),
    withR('R8 swapped', { x: r8.y, y: r8.x }),
    withKey('−A', negate(publicKey)),
    withKey('2·A', multiply(publicKey, 2n)),
    withKey('another key', BASE8),
    withKey('A + torsion', add(publicKey, torsion), false),
    withKey('A off the curve', { x: publicKey.x, y: (publicKey.y + 1n) % BN254_R }, false),
    withKey('A = (0, 0)', { x: 0n, y: 0n }, false),
  ];
}
