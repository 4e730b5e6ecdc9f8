/** A statement for people. */
import { formatHex } from '../statement/json.js';
import type { Statement } from '../statement/types.js';

/** Hex of 32 bytes. */
export function hex32(value: bigint): string {
  return formatHex(value, 32);
}

/** Rows for a listing: one a fact. */
export function statementRows(statement: Statement): [string, string][] {
  const { height, time, blockHash, stateRoot, trustedSet, signingSet, nextSet } = statement;
  const rows: [string, string][] = [
    ['height', height.toString()],
    ['time', `${time} (${readableTime(time)})`],
    ['block hash', hex32(blockHash)],
    ['state root', hex32(stateRoot)],
    ['trusted set', hex32(trustedSet)],
    ['signing set', signingSet === trustedSet ? 'the trusted set' : hex32(signingSet)],
  ];
  if (nextSet !== 0n) rows.push(['next set', hex32(nextSet)]);
  return rows;
}

/** Unix seconds as a date, where a date can hold them. */
function readableTime(seconds: bigint): string {
  const date = new Date(Number(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? 'beyond the calendar' : date.toISOString();
}
