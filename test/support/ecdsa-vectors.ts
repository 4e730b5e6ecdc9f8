/** Published ECDSA vectors on secp256k1 as integers. */
import { createHash } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import type { EcdsaSlot } from '../../src/math/secp256k1-limbs.js';
import { fixtureText } from './fixtures.js';

export type EcdsaVector = {
  /** File and number, e.g. `p1363 #17`. */
  readonly id: string;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly valid: boolean;
  readonly messageHash: bigint;
  /** Raw parts, for other implementations. */
  readonly message: Uint8Array;
  readonly keyBytes: Uint8Array;
  readonly signatureBytes: Uint8Array;
  readonly encoding: 'der' | 'p1363';
  /** undefined where the bytes do not parse as a pair of integers: then nothing is left for a curve to decide. */
  readonly slot: EcdsaSlot | undefined;
};

type File = {
  readonly testGroups: readonly {
    readonly publicKey: { readonly uncompressed: string; readonly wx: string; readonly wy: string };
    readonly tests: readonly {
      readonly tcId: number;
      readonly comment: string;
      readonly flags: readonly string[];
      readonly msg: string;
      readonly sig: string;
      readonly result: string;
    }[];
  }[];
};

/** Big-endian integer of bytes; 0 for none. */
export function bytesToInteger(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

/** SHA-256 of a message as a big-endian integer. */
export function sha256Integer(message: Uint8Array): bigint {
  return bytesToInteger(createHash('sha256').update(message).digest());
}

/** All vectors of one of the two Wycheproof files. */
export function wycheproofVectors(encoding: 'der' | 'p1363'): EcdsaVector[] {
  const name = encoding === 'der' ? 'sha256' : 'sha256-p1363';
  const file = JSON.parse(fixtureText(`vectors/wycheproof-ecdsa-secp256k1-${name}.json`)) as File;
  return file.testGroups.flatMap(({ publicKey, tests }) =>
    tests.map((test) => {
      const message = Buffer.from(test.msg, 'hex');
      const signatureBytes = Buffer.from(test.sig, 'hex');
      const signature = encoding === 'der' ? parseDer(signatureBytes) : parseP1363(signatureBytes);
      return {
        id: `${encoding} #${test.tcId}`,
        comment: test.comment,
        flags: test.flags,
        valid: test.result === 'valid',
        messageHash: sha256Integer(message),
        message,
        keyBytes: Buffer.from(publicKey.uncompressed, 'hex'),
        signatureBytes,
        encoding,
        slot: signature && {
          signature,
          publicKey: { x: BigInt(`0x${publicKey.wx}`), y: BigInt(`0x${publicKey.wy}`) },
        },
      };
    }),
  );
}

function parseP1363(bytes: Uint8Array): { r: bigint; s: bigint } | undefined {
  if (bytes.length !== 64) return undefined;
  return { r: bytesToInteger(bytes.slice(0, 32)), s: bytesToInteger(bytes.slice(32)) };
}

/** Strict DER of two non-negative INTEGERs (X.690, section 8.3), the only reading that ECDSA vectors call valid. */
function parseDer(bytes: Uint8Array): { r: bigint; s: bigint } | undefined {
  const length = bytes[1];
  if (bytes[0] !== 0x30 || length === undefined || length >= 0x80 || bytes.length !== 2 + length)
    return undefined;
  const integers: bigint[] = [];
  let offset = 2;
  while (offset < bytes.length) {
    const size = bytes[offset + 1];
    if (bytes[offset] !== 0x02 || size === undefined || size === 0 || size >= 0x80) return undefined;
    const body = bytes.slice(offset + 2, offset + 2 + size);
    if (body.length !== size || (body[0] as number) >= 0x80) return undefined;
    if (size > 1 && body[0] === 0 && (body[1] as number) < 0x80) return undefined;
    integers.push(bytesToInteger(body));
    offset += 2 + size;
  }
  const [r, s] = integers;
  return integers.length === 2 ? { r: r as bigint, s: s as bigint } : undefined;
}

/** A signature by an independent library over a 32-byte hash, low s. */
export function signWithNoble(hash: Uint8Array, secretKey: Uint8Array): EcdsaSlot {
  const bytes = secp256k1.sign(hash, secretKey, { prehash: false, lowS: true });
  const { x, y } = secp256k1.Point.fromBytes(secp256k1.getPublicKey(secretKey)).toAffine();
  return {
    signature: { r: bytesToInteger(bytes.slice(0, 32)), s: bytesToInteger(bytes.slice(32, 64)) },
    publicKey: { x, y },
  };
}
