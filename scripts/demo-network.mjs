/**
 * The network behind the documents of `examples/demo`: QBFT, three validators, a fourth from block 4 on, and a bridge whose events leave blocks 2 and 3.
 * Everything derives from a published seed: for demonstrations only.
 */

/** Address of the bridge contract, and of the receiver of all withdrawals. */
export const BRIDGE = `0x${'b41d9e'.padEnd(40, '0')}`;
export const RECIPIENT = `0x${'ab'.repeat(20)}`;
/** Keccak-256 of `Withdrawal(uint256,address,uint256)`. */
const WITHDRAWAL = 0x37e8063b72a944a76de602f32b82fd8c2a1c6f99564c727ffaf913c7762cd420n;

/** An event: number and recipient are topics, the amount is data. */
function withdrawal(id, amount, address = BRIDGE) {
  const data = Uint8Array.from(Buffer.from(BigInt(amount).toString(16).padStart(64, '0'), 'hex'));
  return { address: BigInt(address), topics: [WITHDRAWAL, BigInt(id), BigInt(RECIPIENT)], data };
}

const receiptsOf = (...logs) =>
  logs.map((of, i) => ({ type: 2, succeeded: true, cumulativeGasUsed: 50_000n * BigInt(i + 1), logs: of }));

/** Receipts by height. */
export const RECEIPTS = {
  2: receiptsOf([], [withdrawal(1, 250)], [withdrawal(2, 40), withdrawal(3, 2)]),
  3: receiptsOf(
    [withdrawal(4, 1_000)],
    // The same event of a contract that is not the bridge, another event of the bridge, and a number for the second time.
    [withdrawal(5, 1_000_000, `0x${'66'.repeat(20)}`)],
    [{ address: BigInt(BRIDGE), topics: [1n], data: new Uint8Array(32) }],
    [withdrawal(1, 250)],
  ),
};

/** @param createIstanbulDevnet That of `zkfinality/devnet`. */
export function makeDemoNetwork(createIstanbulDevnet) {
  return createIstanbulDevnet({
    variant: 'qbft',
    seed: 'zkfinality demonstration',
    validators: 3,
    chainId: 1337n,
    changes: [{ height: 4, add: [3] }],
    receipts: RECEIPTS,
  });
}
