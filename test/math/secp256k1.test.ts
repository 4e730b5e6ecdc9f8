import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describe, expect, it } from 'vitest';
import {
  addSecp256k1,
  ecdsaPoint,
  SECP256K1_G as G,
  isOnSecp256k1,
  liftSecp256k1,
  multiplySecp256k1,
  SECP256K1_N as N,
  SECP256K1_P as P,
  type Secp256k1Point,
  verifyEcdsa,
  verifyEcdsaStrict,
} from '../../src/math/secp256k1.js';
import { ecdsaSlotInput, fromLimbs, toLimbs } from '../../src/math/secp256k1-limbs.js';
import { bytesToInteger, sha256Integer, signWithNoble, wycheproofVectors } from '../support/ecdsa-vectors.js';
import { fixturesAvailable, fixtureText } from '../support/fixtures.js';
import { runs, seededBytes, seededInteger } from '../support/runs.js';

describe('addSecp256k1, multiplySecp256k1', () => {
  it('default: agree with an independent library', () => {
    const random = seededBytes(3);
    for (let i = 0; i < runs(10, 200); i++) {
      const [a, b] = [seededInteger(random, N - 1n) + 1n, seededInteger(random, N - 1n) + 1n];
      const expected = secp256k1.Point.BASE.multiply(a).add(secp256k1.Point.BASE.multiply(b)).toAffine();
      expect(addSecp256k1(multiplySecp256k1(G, a), multiplySecp256k1(G, b))).toEqual(expected);
    }
  });

  it('behavior: equal, opposite and infinite points', () => {
    const opposite = { x: G.x, y: P - G.y };
    expect(addSecp256k1(G, G)).toEqual(multiplySecp256k1(G, 2n));
    expect(addSecp256k1(G, opposite)).toBeUndefined();
    expect(addSecp256k1(undefined, G)).toEqual(G);
    expect(addSecp256k1(G, undefined)).toEqual(G);
    expect(multiplySecp256k1(G, 0n)).toBeUndefined();
    expect(multiplySecp256k1(G, N)).toBeUndefined();
    expect(multiplySecp256k1(G, N - 1n)).toEqual(opposite);
  });
});

describe('isOnSecp256k1, liftSecp256k1', () => {
  it('default: lifts both parities', () => {
    for (const odd of [false, true])
      expect(isOnSecp256k1(liftSecp256k1(G.x, odd) as Secp256k1Point)).toBe(true);
  });

  it.each([
    ['off the curve', { x: G.x, y: G.y + 1n }],
    ['x + p', { x: G.x + P, y: G.y }],
    ['negative y', { x: G.x, y: -G.y }],
    ['the origin', { x: 0n, y: 0n }],
  ])('error: refuses %s', (_, point) => {
    expect(isOnSecp256k1(point)).toBe(false);
  });

  it('error: no point has x = 0, so r = 0 has none; x = n has one', () => {
    expect(liftSecp256k1(0n, false)).toBeUndefined();
    expect(liftSecp256k1(P, false)).toBeUndefined();
    expect(liftSecp256k1(N, false)).toBeDefined();
  });
});

describe('verifyEcdsa', () => {
  it.skipIf(!fixturesAvailable).each(['p1363', 'der'] as const)(
    'default: all Wycheproof vectors, %s',
    (encoding) => {
      const vectors = wycheproofVectors(encoding);
      expect(vectors.length).toBe(encoding === 'der' ? 476 : 252);
      for (const vector of vectors) {
        const { slot, messageHash } = vector;
        const ours = slot !== undefined && verifyEcdsa(messageHash, slot.signature, slot.publicKey);
        expect({ id: vector.id, valid: ours }).toEqual({ id: vector.id, valid: vector.valid });
        let noble = false;
        try {
          noble = secp256k1.verify(vector.signatureBytes, vector.message, vector.keyBytes, {
            lowS: false,
            format: encoding === 'der' ? 'der' : 'compact',
          });
        } catch {
          noble = false;
        }
        expect({ id: vector.id, valid: noble }).toEqual({ id: vector.id, valid: vector.valid });
      }
    },
  );

  it.skipIf(!fixturesAvailable)('behavior: the strict form differs only where R.x = r + n', () => {
    const differing = wycheproofVectors('p1363').filter(
      ({ slot, messageHash, valid }) =>
        valid !== (slot !== undefined && verifyEcdsaStrict(messageHash, slot.signature, slot.publicKey)),
    );
    for (const { slot, messageHash } of differing)
      expect(ecdsaPoint(messageHash, slot!.signature, slot!.publicKey)?.x).toBe(slot!.signature.r + N);
    expect(differing.map(({ comment }) => comment)).toEqual([
      'k*G has a large x-coordinate',
      'r = 2, x = n + 2 is the smallest possible x with a reduction',
    ]);
  });

  it.skipIf(!fixturesAvailable)('default: RFC 6979 signatures', () => {
    const vectors = JSON.parse(fixtureText('vectors/rfc6979-secp256k1.json')) as {
      message: string;
      d: string;
    }[];
    expect(vectors.length).toBeGreaterThan(0);
    for (const { message, d } of vectors) {
      const hash = sha256Integer(Buffer.from(message));
      const slot = signWithNoble(
        Buffer.from(hash.toString(16).padStart(64, '0'), 'hex'),
        Buffer.from(d, 'hex'),
      );
      expect(verifyEcdsa(hash, slot.signature, slot.publicKey)).toBe(true);
    }
  });

  const random = seededBytes(5);
  const hash = random(32);
  const { signature, publicKey } = signWithNoble(hash, random(32));
  const h = bytesToInteger(hash);
  it('behavior: accepts high s', () => {
    expect(verifyEcdsa(h, { r: signature.r, s: N - signature.s }, publicKey)).toBe(true);
  });

  it.each([
    ['r = 0', { ...signature, r: 0n }],
    ['r = n', { ...signature, r: N }],
    ['r + n', { ...signature, r: signature.r + N }],
    ['s = 0', { ...signature, s: 0n }],
    ['s = n', { ...signature, s: N }],
    ['s + n', { ...signature, s: signature.s + N }],
    ['another s', { ...signature, s: signature.s + 1n }],
  ])('error: refuses %s', (_, altered) => {
    expect(verifyEcdsa(h, altered, publicKey)).toBe(false);
  });

  it('error: refuses another hash and keys that are no points', () => {
    expect(verifyEcdsa(h + 1n, signature, publicKey)).toBe(false);
    expect(verifyEcdsa(h, signature, { x: publicKey.x, y: publicKey.y + 1n })).toBe(false);
    expect(verifyEcdsa(h, signature, { x: 0n, y: 0n })).toBe(false);
  });
});

describe('limbs', () => {
  it('default: round trip, with signed and wide limbs', () => {
    for (const value of [0n, 1n, 2n ** 64n, 2n ** 256n - 1n]) expect(fromLimbs(toLimbs(value))).toBe(value);
    expect(fromLimbs([-1n, 1n, 0n, 0n])).toBe(2n ** 64n - 1n);
  });

  it('default: the nonce point of a valid signature, some point of an invalid one', () => {
    const random = seededBytes(6);
    const hash = random(32);
    const slot = signWithNoble(hash, random(32));
    const h = bytesToInteger(hash);
    const point = { x: slot.signature.r, y: fromLimbs(ecdsaSlotInput(h, slot).noncePointY) };
    expect(point).toEqual(ecdsaPoint(h, slot.signature, slot.publicKey));
    const none = ecdsaSlotInput(h, { ...slot, signature: { r: 0n, s: 1n } });
    expect(none.noncePointY).toEqual([0n, 0n, 0n, 0n]);
  });
});
