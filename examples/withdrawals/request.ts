/**
 * Makes the request that lets a withdrawal out, from blocks and receipts as a node gives them:
 *
 *   node build/examples/withdrawals/request.js <receipts.json> <transaction index> <log index> <final block> [<its parent> …]
 *
 * The receipts are those of the last block, the answer of `eth_getBlockReceipts`; blocks are files of `zkfinality fetch`. A node that lies gives a
 * request that is refused, here or by the service.
 */
import { readFileSync } from 'node:fs';
import { hashedHeader, ZkFinalityError } from 'zkfinality';
import { formatReceiptProof, proveReceipt, type Receipt } from 'zkfinality/verify/inclusion';

const [receiptsPath, transactionIndex, logIndex, ...blockPaths] = process.argv.slice(2);
if (
  receiptsPath === undefined ||
  transactionIndex === undefined ||
  logIndex === undefined ||
  blockPaths.length === 0
) {
  console.error(
    'usage: request.js <receipts.json> <transaction index> <log index> <final block> [<its parent> …]',
  );
  process.exit(2);
}

/** What is used of a receipt over JSON-RPC. */
type RpcReceipt = { readonly [field in 'type' | 'status' | 'cumulativeGasUsed']: string } & {
  readonly logs: readonly {
    readonly address: string;
    readonly topics: readonly string[];
    readonly data: string;
  }[];
};

function readReceipt({ type, status, cumulativeGasUsed, logs }: RpcReceipt): Receipt {
  return {
    type: Number(type ?? 0),
    succeeded: BigInt(status) === 1n,
    cumulativeGasUsed: BigInt(cumulativeGasUsed),
    logs: logs.map(({ address, topics, data }) => ({
      address: BigInt(address),
      topics: topics.map(BigInt),
      data: Uint8Array.from(Buffer.from(data.slice(2), 'hex')),
    })),
  };
}

try {
  const answer = JSON.parse(readFileSync(receiptsPath, 'utf8')) as
    | readonly RpcReceipt[]
    | { readonly result: readonly RpcReceipt[] };
  const receipts = ('result' in answer ? answer.result : answer).map(readReceipt);
  const blocks = blockPaths.map(
    (path) => JSON.parse(readFileSync(path, 'utf8')) as { readonly number: string },
  );
  const headers = blocks.map((block) => hashedHeader(block));
  const proof = formatReceiptProof(proveReceipt(headers, receipts, Number(transactionIndex)));
  const finalHeight = BigInt(blocks[0]!.number).toString();
  console.log(JSON.stringify({ finalHeight, logIndex, proof }));
} catch (error) {
  if (!(error instanceof ZkFinalityError || error instanceof SyntaxError)) throw error;
  console.error(error.message);
  process.exitCode = 3;
}
