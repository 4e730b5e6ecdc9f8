/** Limbs and circuit inputs for the secp256k1 circuits. */
import type { CircuitInput } from '../statement/types.js';
import { type EcdsaSignature, ecdsaPoint, liftSecp256k1, type Secp256k1Point } from './secp256k1.js';

const LIMB_BITS = 64n;
const LIMB_COUNT = 4;

/** Four 64-bit limbs of a value in [0, 2^256), least first. */
export function toLimbs(value: bigint): bigint[] {
  return Array.from(
    { length: LIMB_COUNT },
    (_, i) => (value >> (LIMB_BITS * BigInt(i))) & (2n ** LIMB_BITS - 1n),
  );
}

/** Σ limbs[i]·2^(64·i); limbs may be wider than 64 bits or negative. */
export function fromLimbs(limbs: readonly bigint[]): bigint {
  return limbs.reduce((sum, limb, i) => sum + (limb << (LIMB_BITS * BigInt(i))), 0n);
}

/** One signature with the key that made it, as the circuits take it. */
export type EcdsaSlot = { readonly signature: EcdsaSignature; readonly publicKey: Secp256k1Point };

/** Input signals `r`, `s`, `noncePointY`, `publicKeyX`, `publicKeyY` of one slot, as limbs. */
export type EcdsaSlotInput = {
  readonly r: bigint[];
  readonly s: bigint[];
  readonly noncePointY: bigint[];
  readonly publicKeyX: bigint[];
  readonly publicKeyY: bigint[];
};

/**
 * The circuit's view of one signature. The y of the nonce point R is found by verifying; for an invalid signature some y with
 * the right x is given where there is one, else 0: the circuit refuses it.
 */
export function ecdsaSlotInput(messageHash: bigint, { signature, publicKey }: EcdsaSlot): EcdsaSlotInput {
  const point = ecdsaPoint(messageHash, signature, publicKey) ?? liftSecp256k1(signature.r, false);
  return {
    r: toLimbs(signature.r),
    s: toLimbs(signature.s),
    noncePointY: toLimbs(point?.y ?? 0n),
    publicKeyX: toLimbs(publicKey.x),
    publicKeyY: toLimbs(publicKey.y),
  };
}

/**
 * Input of `EcdsaBatch` without the challenge: arrays over the slots.
 *
 * @param messageHash - the 256-bit hash that every slot signed
 * @param nonce - any field element; another one gives other weights, for the prover whose additions happen to collide
 */
export function ecdsaBatchInput(messageHash: bigint, slots: readonly EcdsaSlot[], nonce = 0n): CircuitInput {
  const inputs = slots.map((slot) => ecdsaSlotInput(messageHash, slot));
  return {
    messageHash: toLimbs(messageHash),
    r: inputs.map(({ r }) => r),
    s: inputs.map(({ s }) => s),
    noncePointY: inputs.map(({ noncePointY }) => noncePointY),
    publicKeyX: inputs.map(({ publicKeyX }) => publicKeyX),
    publicKeyY: inputs.map(({ publicKeyY }) => publicKeyY),
    nonce,
  };
}
