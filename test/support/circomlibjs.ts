/** circomlibjs as an oracle: hashes, points and signatures in plain bigints. */
// @ts-expect-error circomlibjs ships no types
import { buildEddsa } from 'circomlibjs';
import type { EdwardsPoint } from '../../src/math/babyjubjub.js';
import type { EddsaSignature } from '../../src/math/eddsa.js';

export type Oracle = {
  readonly poseidon: (inputs: readonly bigint[]) => bigint;
  readonly add: (p: EdwardsPoint, q: EdwardsPoint) => EdwardsPoint;
  readonly multiply: (p: EdwardsPoint, scalar: bigint) => EdwardsPoint;
  readonly isOnCurve: (p: EdwardsPoint) => boolean;
  readonly publicKey: (privateKey: Uint8Array) => EdwardsPoint;
  readonly sign: (privateKey: Uint8Array, message: bigint) => EddsaSignature;
  readonly verify: (message: bigint, signature: EddsaSignature, publicKey: EdwardsPoint) => boolean;
};

type Native = readonly [unknown, unknown];

/** Loads the oracle; about a second. */
export async function loadOracle(): Promise<Oracle> {
  const eddsa = await buildEddsa();
  const { F, babyJub, poseidon } = eddsa;
  const to = ({ x, y }: EdwardsPoint): Native => [F.e(x), F.e(y)];
  const from = ([x, y]: Native): EdwardsPoint => ({ x: F.toObject(x), y: F.toObject(y) });
  return {
    poseidon: (inputs) => F.toObject(poseidon(inputs)),
    add: (p, q) => from(babyJub.addPoint(to(p), to(q))),
    multiply: (p, scalar) => from(babyJub.mulPointEscalar(to(p), scalar)),
    isOnCurve: (p) => babyJub.inCurve(to(p)),
    publicKey: (privateKey) => from(eddsa.prv2pub(privateKey)),
    sign: (privateKey, message) => {
      const { R8, S } = eddsa.signPoseidon(privateKey, F.e(message));
      return { r8: from(R8), s: S };
    },
    verify: (message, { r8, s }, publicKey) =>
      eddsa.verifyPoseidon(F.e(message), { R8: to(r8), S: s }, to(publicKey)),
  };
}
