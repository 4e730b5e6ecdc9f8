/** What a protocol is: a plain object of pure functions from its wire format to the common statement. */
import type { ProtocolId, Statement, ValidatorSet, Variant } from '../statement/types.js';
import type { CircuitInput } from '../witness/program.js';

/** Answer of native verification: final, or the rule that fails. */
export type Verdict =
  | {
      readonly ok: true;
      /** The set that sealed the block; absent: the trusted one. */
      readonly signingSet?: ValidatorSet;
      /** Whether the caller knows the signing set whole; absent: it does. Verifiers accept no block of an unregistered set. */
      readonly registered?: boolean;
    }
  | {
      readonly ok: false;
      /** Stable code of the failing rule. */
      readonly code: string;
      /** The rule, where it fails, expected and got, and the next step. */
      readonly message: string;
    };

/** What a verifier accepts beside the trusted set itself. */
export type TrustOptions = {
  /** Whether honest validators of the chain compare a header's validator list with their own before they seal. */
  readonly headerListAuthenticated?: boolean;
  /** Further sets whose members are known whole; a block sealed by another set than the trusted one needs its set here. */
  readonly registeredSets?: readonly ValidatorSet[];
};

export type ParseOptions = {
  /** Variant of the chain, where the input does not tell it for certain. */
  readonly variant?: Variant;
};

export type Protocol<Block> = {
  readonly id: ProtocolId;
  /**
   * Reads a block from bytes, text or parsed JSON.
   *
   * @throws {FileError} with a code of the protocol on bad input.
   */
  readonly parse: (input: unknown, options?: ParseOptions) => Block;
  /** Checks a block by the rules of its protocol, in plain TypeScript. Never throws on a bad block. */
  readonly verifyNatively: (block: Block, trusted: ValidatorSet, options?: TrustOptions) => Verdict;
  /** The public facts that a proof of this block attests. The block must have passed native verification. */
  readonly statement: (block: Block, trusted: ValidatorSet, options?: TrustOptions) => Statement;
  /** Values of all inputs of the protocol's circuit at a tier, public ones included but for the challenge. */
  readonly circuitInput: (
    block: Block,
    trusted: ValidatorSet,
    tier: number,
    options?: TrustOptions,
  ) => CircuitInput;
};
