/**
 * The words that every layer shares: points, proofs, keys, validator sets, the statement. Plain data, bigints throughout.
 */

/** Affine G1 point of BN254, never infinity unless a line says so. */
export type G1 = { readonly x: bigint; readonly y: bigint };
/** Affine G2 point of BN254; each coordinate is [c0, c1] for c0 + c1·u. */
export type G2 = { readonly x: readonly [bigint, bigint]; readonly y: readonly [bigint, bigint] };

/** `groth16` is plain; `ultragroth` is two-round: one challenge, one more commitment. */
export type ProofSystem = 'groth16' | 'ultragroth';

export type Groth16Proof = {
  readonly system: ProofSystem;
  readonly a: G1;
  readonly b: G2;
  readonly c: G1;
  /** First-round commitment D; present exactly for `ultragroth`. */
  readonly d?: G1;
};

export type VerificationKey = {
  readonly system: ProofSystem;
  /** Number of public inputs; counts the challenge, which is the last one, for `ultragroth`. */
  readonly publicCount: number;
  readonly alpha1: G1;
  readonly beta2: G2;
  readonly gamma2: G2;
  /** [δ₁]₂, present exactly for `ultragroth`. */
  readonly delta1?: G2;
  /** [δ]₂ of a plain key, [δ₂]₂ of a two-round one. */
  readonly delta2: G2;
  /** publicCount + 1 points: the constant, then one for each public input. */
  readonly ic: readonly G1[];
};

/** What a proof attests about one block. All values are below their stated bounds; see `docs/STATEMENT.md`. */
export type Statement = {
  /** Commitment of the set the verifier trusts, in [0, r). */
  readonly trustedSet: bigint;
  /** Commitment of the set that sealed the block, in [0, r). */
  readonly signingSet: bigint;
  /** Commitment of the set that the block announces, 0 where it announces none. */
  readonly nextSet: bigint;
  /** [0, 2^64) */
  readonly height: bigint;
  /** Unix seconds, [0, 2^64). */
  readonly time: bigint;
  /** [0, 2^256) */
  readonly blockHash: bigint;
  /** [0, 2^256) */
  readonly stateRoot: bigint;
};

export type ProtocolId = 'committee' | 'istanbul';
export type Variant = 'committee' | 'ibft1' | 'ibft2' | 'qbft';

/** A member of a validator set. */
export type Member = {
  /** Istanbul: the 160-bit address. Committee: any 160-bit name. Strictly increasing within a set. */
  readonly identity: bigint;
  /** Affine public key; {0, 0} where it is not known yet: such a member counts in N and in total power and never seals. */
  readonly publicKey: { readonly x: bigint; readonly y: bigint };
  /** Voting power, [1, 2^64). */
  readonly power: bigint;
};

export type ValidatorSet = {
  readonly variant: Variant;
  /** [0, 2^64) */
  readonly chainId: bigint;
  readonly members: readonly Member[];
};

/** A circuit signal's value: one field element, or an array of any depth. */
export type CircuitValue = bigint | readonly CircuitValue[];
/** Values of all inputs of a circuit's `main`, by name. */
export type CircuitInput = { readonly [signal: string]: CircuitValue };
