/**
 * JSON of a `committee` block. Every value has one spelling (see `statement/json.ts`): integers are decimal strings, field elements and
 * words `0x` and 64 digits, identities `0x` and 40 digits.
 *
 *     {
 *       "format": "zkfinality-committee-block/1",
 *       "header": { "chainId", "height", "time", "parentHash", "stateRoot", "nextSet" },
 *       "hash": …,                          must be the hash of the header
 *       "round": …,
 *       "votes": [{ "validator", "height", "round", "blockHash", "signature": { "r8": { "x", "y" }, "s" } }],
 *       "nextValidators": [{ "identity", "publicKey": { "x", "y" }, "power" }]      optional; must commit to nextSet
 *     }
 */
import { BABYJUBJUB_ORDER } from '../../math/babyjubjub.js';
import { BN254_R } from '../../math/field.js';
import { formatMembers, parseMembers } from '../../statement/documents.js';
import { FileError, UsageError } from '../../statement/errors.js';
import { WORD_BOUND } from '../../statement/hash.js';
import {
  formatHex,
  quote,
  readArray,
  readDecimal,
  readHex,
  readRecord,
  readString,
  readWord,
} from '../../statement/json.js';
import { commitValidatorSet } from '../../statement/set-commitment.js';
import type { ValidatorSet } from '../../statement/types.js';
import { blockHashOf, type CommitteeBlock, type CommitteeHeader, type CommitteeVote } from './block.js';

export const COMMITTEE_BLOCK_FORMAT = 'zkfinality-committee-block/1';
/** More votes than any tier has members, so that equivocations can be shown whole. */
export const MAX_VOTES = 1024;

const BOUND_32 = 1n << 32n;
const BOUND_64 = 1n << 64n;

/**
 * Reads a block from what `JSON.parse` gave.
 *
 * @returns Typed and canonical; its hash and its announced set are checked, its votes are not.
 * @throws {FileError} with the codes of `statement/json.ts`, `FORMAT_UNKNOWN`, `BLOCK_HASH_MISMATCH`, `TOO_MANY_VOTES`,
 *   `NEXT_SET_MISMATCH`, `NEXT_SET_INVALID`.
 */
export function parseJsonBlock(json: unknown): CommitteeBlock {
  const path = 'block';
  const known = ['format', 'header', 'hash', 'round', 'votes'];
  const record = readRecord(json, path, known, ['nextValidators']);
  const format = readString(record.format, `${path}.format`);
  if (format !== COMMITTEE_BLOCK_FORMAT)
    throw new FileError(
      'FORMAT_UNKNOWN',
      `${path}.format: expected "${COMMITTEE_BLOCK_FORMAT}", got ${quote(format)}. Use the release that wrote it.`,
    );
  const header = parseHeader(record.header, `${path}.header`);
  const blockHash = readWord(record.hash, `${path}.hash`, BN254_R);
  const expected = blockHashOf(header);
  if (blockHash !== expected)
    throw new FileError(
      'BLOCK_HASH_MISMATCH',
      `${path}.hash: the header hashes to ${formatHex(expected, 32)}, got ${formatHex(blockHash, 32)}. The header was altered.`,
    );
  const votes = readArray(record.votes, `${path}.votes`);
  if (votes.length > MAX_VOTES)
    throw new FileError(
      'TOO_MANY_VOTES',
      `${path}.votes: expected at most ${MAX_VOTES}, got ${votes.length}. Give the votes of one block.`,
    );
  const announced = parseAnnounced(record.nextValidators, header, `${path}.nextValidators`);
  return {
    ...header,
    blockHash,
    round: readDecimal(record.round, `${path}.round`, BOUND_32),
    votes: votes.map((vote, i) => parseVote(vote, `${path}.votes[${i}]`)),
    ...(announced === undefined ? {} : { announced }),
  };
}

function parseHeader(json: unknown, path: string): CommitteeHeader {
  const record = readRecord(json, path, ['chainId', 'height', 'time', 'parentHash', 'stateRoot', 'nextSet']);
  return {
    chainId: readDecimal(record.chainId, `${path}.chainId`, BOUND_64),
    height: readDecimal(record.height, `${path}.height`, BOUND_64),
    time: readDecimal(record.time, `${path}.time`, BOUND_64),
    parentHash: readWord(record.parentHash, `${path}.parentHash`, BN254_R),
    stateRoot: readWord(record.stateRoot, `${path}.stateRoot`, WORD_BOUND),
    nextSet: readWord(record.nextSet, `${path}.nextSet`, BN254_R),
  };
}

function parseVote(json: unknown, path: string): CommitteeVote {
  const record = readRecord(json, path, ['validator', 'height', 'round', 'blockHash', 'signature']);
  const signature = readRecord(record.signature, `${path}.signature`, ['r8', 's']);
  const r8 = readRecord(signature.r8, `${path}.signature.r8`, ['x', 'y']);
  return {
    validator: readHex(record.validator, `${path}.validator`, 20),
    height: readDecimal(record.height, `${path}.height`, BOUND_64),
    round: readDecimal(record.round, `${path}.round`, BOUND_32),
    blockHash: readWord(record.blockHash, `${path}.blockHash`, BN254_R),
    r8: {
      x: readWord(r8.x, `${path}.signature.r8.x`, BN254_R),
      y: readWord(r8.y, `${path}.signature.r8.y`, BN254_R),
    },
    s: readWord(signature.s, `${path}.signature.s`, BABYJUBJUB_ORDER),
  };
}

function parseAnnounced(json: unknown, header: CommitteeHeader, path: string): ValidatorSet | undefined {
  if (json === undefined) return undefined;
  const set: ValidatorSet = {
    variant: 'committee',
    chainId: header.chainId,
    members: parseMembers(json, path),
  };
  if (commitment(set, path) !== header.nextSet)
    throw new FileError(
      'NEXT_SET_MISMATCH',
      `${path}: the list commits to another set than header.nextSet. Take both from the same block.`,
    );
  return set;
}

function commitment(set: ValidatorSet, path: string): bigint {
  try {
    return commitValidatorSet(set);
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw new FileError('NEXT_SET_INVALID', `${path}: ${cause.code}: ${cause.message}`, { cause });
  }
}

/** JSON of a block; {@link parseJsonBlock} reads it back. */
export function formatJsonBlock(block: CommitteeBlock): { readonly [field: string]: unknown } {
  const word = (value: bigint): string => formatHex(value, 32);
  return {
    format: COMMITTEE_BLOCK_FORMAT,
    header: {
      chainId: block.chainId.toString(),
      height: block.height.toString(),
      time: block.time.toString(),
      parentHash: word(block.parentHash),
      stateRoot: word(block.stateRoot),
      nextSet: word(block.nextSet),
    },
    hash: word(block.blockHash),
    round: block.round.toString(),
    votes: block.votes.map((vote) => ({
      validator: formatHex(vote.validator, 20),
      height: vote.height.toString(),
      round: vote.round.toString(),
      blockHash: word(vote.blockHash),
      signature: { r8: { x: word(vote.r8.x), y: word(vote.r8.y) }, s: word(vote.s) },
    })),
    ...(block.announced === undefined ? {} : { nextValidators: formatMembers(block.announced.members) }),
  };
}
