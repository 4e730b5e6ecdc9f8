/**
 * Who is committed before the challenge.
 *
 * In a two-round circuit the private wires fall into F (first round, bound by the commitment D before the challenge x is
 * known) and S (second round: what is computed from x). S comes from names: a wire whose name, in its last component,
 * is `ch` and an upper-case letter (chPole, chInverse; not chain, chosen). A name can be wrong: `partition-check.ts` proves that it is not.
 */
import { equalBytes } from '../formats/bytes.js';
import type { R1cs } from '../formats/r1cs.js';
import { publicCount } from '../formats/r1cs.js';
import type { Symbols } from '../formats/symbols.js';
import { FileError, UsageError } from '../statement/errors.js';

/** Roles of the wires of a two-round circuit. The challenge is wire `publicCount`. */
export type Partition = {
  readonly wireCount: number;
  readonly publicCount: number;
  /** Wires of F, ascending. */
  readonly first: Uint32Array;
  /** Wires of S, ascending. */
  readonly second: Uint32Array;
};

const SECOND_ROUND_NAME = /(?:^|\.)ch[A-Z][^.]*$/;
const CHALLENGE_NAME = 'main.x';

/**
 * Splits the private wires by the names of a symbol file.
 *
 * @param r1cs - The final constraint system.
 * @param symbols - Its names; a wire with several names is in S as soon as one of them says so.
 * @returns The partition, or undefined for a plain circuit: one in which no wire is named as computed from a challenge.
 * @throws {FileError} `CHALLENGE_MISSING` if there are such wires but the last public input is not `main.x`.
 */
export function partitionByNames(r1cs: R1cs, symbols: Symbols): Partition | undefined {
  const publics = publicCount(r1cs);
  const inSecond = new Uint8Array(r1cs.wires);
  for (let line = 0; line < symbols.count; line++) {
    const wire = symbols.wires[line]!;
    if (wire > publics && wire < r1cs.wires && SECOND_ROUND_NAME.test(symbols.name(line))) inSecond[wire] = 1;
  }
  const partition = partitionOf(r1cs.wires, publics, (wire) => inSecond[wire] === 1);
  if (partition.second.length === 0) return undefined;
  if (!hasChallenge(r1cs, symbols)) {
    throw new FileError(
      'CHALLENGE_MISSING',
      `circuit: wire ${wireLabel(partition.second[0]!, symbols)} is named as computed from the challenge, but the last ` +
        `of ${publics} public inputs is not ${CHALLENGE_NAME}. Declare x last among the public inputs, or rename the wire.`,
    );
  }
  return partition;
}

/** Whether the last public input is the challenge by its name. */
export function hasChallenge(r1cs: R1cs, symbols: Symbols): boolean {
  const publics = publicCount(r1cs);
  for (let line = 0; publics > 0 && line < symbols.count; line++) {
    if (symbols.wires[line] === publics && symbols.name(line) === CHALLENGE_NAME) return true;
  }
  return false;
}

/** Builds a partition from a predicate on private wires. */
export function partitionOf(
  wireCount: number,
  publics: number,
  isSecond: (wire: number) => boolean,
): Partition {
  const first: number[] = [];
  const second: number[] = [];
  for (let wire = publics + 1; wire < wireCount; wire++) (isSecond(wire) ? second : first).push(wire);
  return {
    wireCount,
    publicCount: publics,
    first: Uint32Array.from(first),
    second: Uint32Array.from(second),
  };
}

/** Bit i says that wire publicCount + 1 + i is in F; padded with zeros to 8 bytes. As in section 12 of a key. */
export function encodePartition(partition: Partition): Uint8Array {
  const privateCount = partition.wireCount - partition.publicCount - 1;
  const bits = new Uint8Array(Math.ceil(privateCount / 64) * 8);
  for (const wire of partition.first) {
    const i = wire - partition.publicCount - 1;
    bits[i >> 3]! |= 1 << (i & 7);
  }
  return bits;
}

/**
 * The partition that a bitmap means.
 *
 * @throws {FileError} `PARTITION_BITMAP` if the length is wrong or a bit beyond the last wire is set.
 */
export function decodePartition(bits: Uint8Array, wireCount: number, publics: number): Partition {
  const isFirst = (wire: number): boolean => {
    const i = wire - publics - 1;
    return ((bits[i >> 3]! >> (i & 7)) & 1) === 1;
  };
  const partition = partitionOf(wireCount, publics, (wire) => !isFirst(wire));
  if (!equalBytes(encodePartition(partition), bits)) {
    throw new FileError(
      'PARTITION_BITMAP',
      `first-round bitmap: expected ${Math.ceil((wireCount - publics - 1) / 64) * 8} bytes with zero padding, got ` +
        `${bits.length}. The key is damaged: make it again.`,
    );
  }
  return partition;
}

/**
 * Compares two full witnesses for the same input and different challenges: only x and S may differ.
 *
 * @param partition - F and S.
 * @param one - Canonical elements of 32 bytes, all wires.
 * @param other - The same for another challenge.
 * @param symbols - For names in messages.
 * @returns How many wires of S differ; a lookup circuit has most of them differ.
 * @throws {UsageError} `WITNESS_SIZE`, `CHALLENGES_EQUAL`; {FileError} `FIRST_ROUND_CHANGED` naming the wire that depends on x.
 */
export function compareRuns(
  partition: Partition,
  one: Uint8Array,
  other: Uint8Array,
  symbols?: Symbols,
): number {
  const { wireCount, publicCount: challenge } = partition;
  for (const witness of [one, other]) {
    if (witness.length !== 32 * wireCount) {
      throw new UsageError(
        'WITNESS_SIZE',
        `witness: expected ${wireCount} wires of 32 bytes, got ${witness.length} bytes. Compute it with this circuit's program.`,
      );
    }
  }
  const [a, b] = [elementWords(one), elementWords(other)];
  const differs = (wire: number): boolean => {
    for (let k = 8 * wire; k < 8 * wire + 8; k++) if (a[k] !== b[k]) return true;
    return false;
  };
  if (!differs(challenge)) {
    throw new UsageError(
      'CHALLENGES_EQUAL',
      'witness runs: expected two challenges, got one. Run the program with another x.',
    );
  }
  const fault = (wire: number): FileError =>
    new FileError(
      'FIRST_ROUND_CHANGED',
      `circuit: wire ${wireLabel(wire, symbols)} is committed before the challenge but changes with it. ` +
        'Name its signal "ch" and an upper-case letter (chSum), or compute it without x.',
    );
  for (let wire = 0; wire < challenge; wire++) if (differs(wire)) throw fault(wire);
  for (const wire of partition.first) if (differs(wire)) throw fault(wire);
  let changed = 0;
  for (const wire of partition.second) if (differs(wire)) changed++;
  return changed;
}

/** Elements as 32-bit words, 8 each; copied only where the bytes are not aligned. */
export function elementWords(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}

/** A wire in words: its number, and its names where they are known. */
export function wireLabel(wire: number, symbols?: Symbols): string {
  if (symbols === undefined) return `${wire}`;
  for (let line = 0; line < symbols.count; line++) {
    if (symbols.wires[line] === wire) return `${symbols.name(line)} (wire ${wire})`;
  }
  return wire === 0 ? 'one (wire 0)' : `${wire}`;
}
