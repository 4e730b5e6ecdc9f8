/**
 * The event that lets money out: `event Withdrawal(uint256 indexed id, address indexed recipient, uint256 amount)` of the bridge contract, see
 * `Bridge.sol`. By Ethereum's contract ABI the first topic names the event, the others are its indexed values, and the data is the rest.
 */
import type { Log } from 'zkfinality/verify/inclusion';

/** Keccak-256 of `Withdrawal(uint256,address,uint256)`. */
export const WITHDRAWAL_TOPIC = 0x37e8063b72a944a76de602f32b82fd8c2a1c6f99564c727ffaf913c7762cd420n;

/** A withdrawal that the bridge has granted. */
export type Withdrawal = {
  /** The bridge gives each number once. */
  readonly id: bigint;
  /** [0, 2^160) */
  readonly recipient: bigint;
  /** Smallest units. */
  readonly amount: bigint;
};

/** Reads an event of the bridge; undefined where it is another one, or not in the form that compilers give it. */
export function readWithdrawal({ topics, data }: Log): Withdrawal | undefined {
  const [event, id, recipient, ...more] = topics;
  if (event !== WITHDRAWAL_TOPIC || id === undefined || recipient === undefined || more.length > 0)
    return undefined;
  if (recipient >> 160n !== 0n || data.length !== 32) return undefined;
  return { id, recipient, amount: data.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) };
}
