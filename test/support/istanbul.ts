/** Helpers for tests of Istanbul blocks. */

import { fieldIndex } from '../../src/ethereum/header.js';
import { type ExtraData, encodeExtraData } from '../../src/protocols/istanbul/extra-data.js';
import { blockFromFields, type IstanbulBlock } from '../../src/protocols/istanbul/header.js';
import { ZkFinalityError } from '../../src/statement/errors.js';

/** Code of the error that a call throws, `undefined` where it throws none; anything but a coded error fails the test. */
export function codeOf(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (error instanceof ZkFinalityError) return error.code;
    throw error;
  }
}

/** As {@link codeOf}, for promises. */
export async function codeOfAsync(call: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (error instanceof ZkFinalityError) return error.code;
    throw error;
  }
}

/** The block with another extraData. */
export function withExtra(block: IstanbulBlock, change: Partial<ExtraData>): IstanbulBlock {
  return withField(block, 'extraData', encodeExtraData({ ...block.extra, ...change }, 'chain'));
}

/** The block with another payload of one field. */
export function withField(block: IstanbulBlock, name: string, payload: Uint8Array): IstanbulBlock {
  return blockFromFields(block.fields.with(fieldIndex(name), payload), block.variant);
}
