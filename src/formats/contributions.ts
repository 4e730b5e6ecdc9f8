/**
 * Section 10 of a proving key: the circuit's fingerprint and one record for each contribution to the ceremony.
 *
 * Points stay in stored form (64 or 128 bytes) because transcripts hash them and most readers never look inside.
 * Plain keys use snarkjs's layout; two-round keys carry two public keys a record, one for δ₁ and one for δ₂.
 */
import { G1_BYTES, G2_BYTES, readU32, writeU32 } from './bytes.js';
import type { FormatCode } from './codes.js';

/** Blake2b-512 digests. */
export const DIGEST_BYTES = 64;

/** A proof of knowledge of one factor y: s and y·s in G1, y·hash in G2. */
export type FactorProof = {
  readonly g1s: Uint8Array;
  readonly g1sx: Uint8Array;
  readonly g2spx: Uint8Array;
};

/** One contribution, of `Rounds` factors: one for a plain key, two for a two-round one. */
export type Contribution = {
  /** [δ]₁ after this contribution: one point, or [δ₁]₁ and [δ₂]₁. */
  readonly deltaAfter: readonly Uint8Array[];
  readonly proofs: readonly FactorProof[];
  readonly transcript: Uint8Array;
  /** A random contribution, or one derived from a public beacon. */
  readonly kind: 'random' | 'beacon';
  readonly name?: string;
  /** 2^iterationsExp hashes of `beaconHash`; present exactly for beacons. */
  readonly iterationsExp?: number;
  readonly beaconHash?: Uint8Array;
};

export type Contributions = {
  /** Blake2b-512 of the initial key's points. */
  readonly circuitHash: Uint8Array;
  readonly list: readonly Contribution[];
};

/** Longest name in UTF-16 units, as snarkjs cuts it. */
export const MAX_NAME_LENGTH = 64;

type Raise = (code: FormatCode, where: string, expected: string, got: string) => Error;

/** Bytes of a record before its parameters. */
function fixedBytes(rounds: number): number {
  return rounds * (3 * G1_BYTES + G2_BYTES) + DIGEST_BYTES + 8;
}

/**
 * Parses section 10.
 *
 * @param rounds - 1 for plain keys, 2 for two-round ones.
 * @param raise - Builds the error of a failed check.
 * @throws what `raise` returns, codes `SECTION_SIZE`, `CONTRIBUTION_INVALID`.
 */
export function parseContributions(bytes: Uint8Array, rounds: 1 | 2, raise: Raise): Contributions {
  let position = 0;
  const take = (count: number, where: string): Uint8Array => {
    if (position + count > bytes.length)
      throw raise('SECTION_SIZE', where, `at least ${position + count} bytes`, `${bytes.length}`);
    position += count;
    return bytes.slice(position - count, position);
  };
  const circuitHash = take(DIGEST_BYTES, 'circuit hash');
  const count = readU32(take(4, 'count'), 0);
  if (count * fixedBytes(rounds) > bytes.length - position) {
    const expected = `at least ${position + count * fixedBytes(rounds)} bytes for ${count} contributions`;
    throw raise('SECTION_SIZE', 'count', expected, `${bytes.length}`);
  }
  const list: Contribution[] = [];
  for (let i = 0; i < count; i++) {
    const where = `contribution ${i + 1}`;
    const each = <T>(read: () => T): T[] => Array.from({ length: rounds }, read);
    const deltaAfter = each(() => take(G1_BYTES, where));
    const proofs = each(() => ({
      g1s: take(G1_BYTES, where),
      g1sx: take(G1_BYTES, where),
      g2spx: take(G2_BYTES, where),
    }));
    const transcript = take(DIGEST_BYTES, where);
    const type = readU32(take(4, where), 0);
    if (type > 1) throw raise('CONTRIBUTION_INVALID', `${where}, type`, '0 or 1', `${type}`);
    const parameters = take(readU32(take(4, where), 0), where);
    list.push({ deltaAfter, proofs, transcript, ...parseParameters(parameters, type === 1, where, raise) });
  }
  if (position !== bytes.length) throw raise('SECTION_SIZE', 'end', `${position} bytes`, `${bytes.length}`);
  return { circuitHash, list };
}

type Parameters = Pick<Contribution, 'kind' | 'name' | 'iterationsExp' | 'beaconHash'>;

/** Tags 1 (name), 2 (iterations), 3 (beacon hash), each at most once and in this order; 2 and 3 exactly for beacons. */
function parseParameters(bytes: Uint8Array, isBeacon: boolean, where: string, raise: Raise): Parameters {
  const found: { name?: string; iterationsExp?: number; beaconHash?: Uint8Array } = {};
  const invalid = (expected: string, got: string): Error =>
    raise('CONTRIBUTION_INVALID', `${where}, parameters`, expected, got);
  let lastTag = 0;
  for (let position = 0; position < bytes.length; ) {
    const tag = bytes[position++]!;
    if (tag <= lastTag || tag > 3)
      throw invalid('tags 1, 2, 3 in increasing order', `${tag} after ${lastTag}`);
    lastTag = tag;
    const length = bytes[position++];
    if (length === undefined) throw invalid('a length after each tag', 'the end');
    if (tag === 2) {
      found.iterationsExp = length;
      continue;
    }
    if (position + length > bytes.length)
      throw invalid(`${length} bytes of tag ${tag}`, `${bytes.length - position}`);
    const value = bytes.slice(position, position + length);
    position += length;
    if (tag === 3) found.beaconHash = value;
    else found.name = decodeName(value, invalid);
  }
  const hasBeacon = found.iterationsExp !== undefined && found.beaconHash !== undefined;
  const hasAny = found.iterationsExp !== undefined || found.beaconHash !== undefined;
  if (isBeacon !== hasAny || hasAny !== hasBeacon) {
    throw invalid(
      isBeacon ? 'iterations and hash of the beacon' : 'no beacon parameters',
      hasAny ? 'some' : 'none',
    );
  }
  return { kind: isBeacon ? 'beacon' : 'random', ...found };
}

function decodeName(bytes: Uint8Array, invalid: (expected: string, got: string) => Error): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid('a name in UTF-8', 'other bytes');
  }
}

/** The bytes of section 10; names are cut to {@link MAX_NAME_LENGTH} as snarkjs does. */
export function encodeContributions({ circuitHash, list }: Contributions): Uint8Array {
  const count = new Uint8Array(4);
  writeU32(count, 0, list.length);
  return new Uint8Array(Buffer.concat([circuitHash, count, ...list.map(encodeContribution)]));
}

function encodeContribution(contribution: Contribution): Uint8Array {
  const parameters = encodeParameters(contribution);
  const tail = new Uint8Array(8);
  writeU32(tail, 0, contribution.kind === 'beacon' ? 1 : 0);
  writeU32(tail, 4, parameters.length);
  const proofs = contribution.proofs.flatMap(({ g1s, g1sx, g2spx }) => [g1s, g1sx, g2spx]);
  return Buffer.concat([...contribution.deltaAfter, ...proofs, contribution.transcript, tail, parameters]);
}

function encodeParameters({ name, iterationsExp, beaconHash }: Contribution): Uint8Array {
  const parts: Uint8Array[] = [];
  if (name !== undefined && name !== '') {
    const bytes = new TextEncoder().encode(name.slice(0, MAX_NAME_LENGTH));
    parts.push(Uint8Array.of(1, bytes.length), bytes);
  }
  if (iterationsExp !== undefined && beaconHash !== undefined) {
    parts.push(Uint8Array.of(2, iterationsExp, 3, beaconHash.length), beaconHash);
  }
  return Buffer.concat(parts);
}
