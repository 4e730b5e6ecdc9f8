import { readFileSync } from 'node:fs';
import { type Address, type BaseError, ContractFunctionRevertedError, type Hex, pad, toHex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packStatement, STATEMENT_BOUNDS, unpackStatement } from '../../src/statement/packing.js';
import type { Statement } from '../../src/statement/types.js';
import { vectorStatement } from '../statement/vectors.js';
import { runs, seededBytes, seededInteger } from '../support/runs.js';
import { type Compiled, compile, findAnvil, type Node, startAnvil } from './anvil.js';

const anvil = findAnvil();

/** The library's functions as calls. */
const HARNESS = `
contract Harness {
    function pack(Statement memory statement) external pure returns (uint256[6] memory) {
        return FinalityStatement.pack(statement);
    }
    function unpack(uint256[6] memory inputs) external pure returns (Statement memory) {
        return FinalityStatement.unpack(inputs);
    }
}
`;

type OnChain = Omit<Statement, 'blockHash' | 'stateRoot'> & {
  readonly blockHash: Hex;
  readonly stateRoot: Hex;
};
const word = (value: bigint): Hex => pad(toHex(value), { size: 32 });
const toChain = (statement: Statement): OnChain => ({
  ...statement,
  blockHash: word(statement.blockHash),
  stateRoot: word(statement.stateRoot),
});

describe.runIf(anvil !== undefined)('contracts/FinalityStatement.sol', () => {
  let node: Node;
  let contract: Compiled;
  let address: Address;

  beforeAll(async () => {
    contract = compile(readFileSync('contracts/FinalityStatement.sol', 'utf8') + HARNESS, 'Harness');
    node = await startAnvil(anvil!);
    address = await node.deploy(contract);
  });
  afterAll(async () => {
    await node?.close();
  });

  const read = (functionName: 'pack' | 'unpack', argument: unknown): Promise<unknown> =>
    node.publicClient.readContract({ address, abi: contract.abi, functionName, args: [argument] });

  it('default: packs and unpacks as TypeScript does', async () => {
    const random = seededBytes(8);
    const parts = Object.keys(STATEMENT_BOUNDS) as (keyof Statement)[];
    const statements: Statement[] = [vectorStatement];
    for (const part of parts)
      for (const value of [0n, 1n, STATEMENT_BOUNDS[part] - 1n])
        statements.push({ ...vectorStatement, [part]: value });
    for (let i = 0; i < runs(20, 1_000); i++)
      statements.push(
        Object.fromEntries(
          parts.map((part) => [part, seededInteger(random, STATEMENT_BOUNDS[part])]),
        ) as Statement,
      );
    for (const statement of statements) {
      const inputs = packStatement(statement);
      expect(await read('pack', toChain(statement))).toEqual(inputs);
      expect(await read('unpack', inputs)).toEqual(toChain(statement));
      expect(unpackStatement(inputs)).toEqual(statement);
    }
  });

  it('error: words that no statement packs to', async () => {
    const inputs = packStatement(vectorStatement);
    for (const [index, bound] of [
      [3, 2n ** 248n],
      [4, 2n ** 248n],
      [5, 2n ** 144n],
    ] as const)
      for (const value of [bound, 2n ** 256n - 1n]) {
        const error = await read(
          'unpack',
          inputs.map((input, i) => (i === index ? value : input)),
        ).catch((cause: unknown) => cause);
        const reverted = (error as BaseError).walk((cause) => cause instanceof ContractFunctionRevertedError);
        expect((reverted as ContractFunctionRevertedError).data).toMatchObject({
          errorName: 'StatementWordTooLarge',
          args: [BigInt(index)],
        });
      }
  });
});
