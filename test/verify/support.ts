/** Keys, proofs and documents for the verifier's tests: a toy circuit with the public inputs of a finality circuit. */
import { bn254 } from '@noble/curves/bn254.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import {
  type ReferenceKey,
  referenceProve,
  referenceSetup,
  type SetupSecrets,
} from '../../src/groth16/reference.js';
import { Fr } from '../../src/math/field.js';
import type { KeyManifest, TrustAnchor } from '../../src/statement/documents.js';
import { formatProof } from '../../src/statement/keys.js';
import { packStatement } from '../../src/statement/packing.js';
import {
  formatRegistration,
  type Registration,
  type RegistrationClaim,
  registrationInputs,
} from '../../src/statement/registration.js';
import { addressOfKey, commitValidatorSet } from '../../src/statement/set-commitment.js';
import { verificationKeyHash } from '../../src/statement/transcript.js';
import type {
  G2,
  Groth16Proof,
  Member,
  ProofSystem,
  Statement,
  ValidatorSet,
} from '../../src/statement/types.js';
import { realChallenge, type ToyCircuit, toyCircuit, toyWitness } from '../groth16/toy.js';

const INPUTS = ['trustedSet', 'signingSet', 'nextSet', 'w1', 'w2', 'w3'] as const;

const REGISTRATION_INPUTS = ['oldSet', 'newSet'] as const;

/** A circuit of a kind: public inputs, the one that the secret is made from, and the system. */
type ToyKind = { readonly inputs: readonly string[]; readonly bound: string; readonly system: ProofSystem };

/** secret = one input + 1, and for two rounds inverse = 1/(x − secret): true for any claim, bound to all of its inputs. */
const circuitOf = ({ inputs, bound, system }: ToyKind): ToyCircuit =>
  system === 'groth16'
    ? toyCircuit({ inputs, second: ['secret', 'square'] }, [
        [{ [bound]: 1n, one: 1n }, { one: 1n }, { secret: 1n }],
        [{ secret: 1n }, { secret: 1n }, { square: 1n }],
      ])
    : toyCircuit({ inputs: [...inputs, 'x'], first: ['secret'], second: ['inverse'] }, [
        [{ [bound]: 1n, one: 1n }, { one: 1n }, { secret: 1n }],
        [{ x: 1n, secret: -1n }, { inverse: 1n }, { one: 1n }],
      ]);

const finalityKind = (system: ProofSystem): ToyKind => ({ inputs: INPUTS, bound: 'w1', system });
const REGISTRATION_KIND: ToyKind = { inputs: REGISTRATION_INPUTS, bound: 'newSet', system: 'ultragroth' };

/** Fixed secrets, unlike any relation that key checks look for. */
export const secrets: SetupSecrets = {
  alpha: 7_000_003n,
  beta: 8_000_009n,
  gamma: 9_000_011n,
  delta1: 10_000_019n,
  delta2: 11_000_027n,
  tau: 12_000_017n,
};

/** A key for the toy circuit of a system. */
export function makeKey(system: ProofSystem, changes: Partial<SetupSecrets> = {}): ReferenceKey {
  return referenceSetup(circuitOf(finalityKind(system)), { ...secrets, ...changes });
}

/** A key for a toy circuit with the public inputs of a registration circuit. */
export function makeRegistrationKey(changes: Partial<SetupSecrets> = {}): ReferenceKey {
  return referenceSetup(circuitOf(REGISTRATION_KIND), { ...secrets, ...changes });
}

export const blinding = { r: 123_457n, s: 765_433n, kappa: 998_117n };

/** An honest proof for any six inputs. */
export function prove(key: ReferenceKey, inputs: readonly bigint[], random = blinding): Groth16Proof {
  return proveKind(finalityKind(key.verification.system), key, inputs, random);
}

function proveKind(
  kind: ToyKind,
  key: ReferenceKey,
  inputs: readonly bigint[],
  random = blinding,
): Groth16Proof {
  const values = Object.fromEntries(kind.inputs.map((name, index) => [name, inputs[index]!]));
  const secret = Fr.mod(values[kind.bound]! + 1n);
  const witness = (x: bigint): bigint[] =>
    toyWitness(circuitOf(kind), {
      ...values,
      x,
      secret,
      square: secret * secret,
      inverse: Fr.mod(x - secret) === 0n ? 0n : Fr.inv(Fr.mod(x - secret)),
    });
  return referenceProve(key, witness, random, realChallenge).proof;
}

/** Circuit of the registrations below. */
export const REGISTRATION_CIRCUIT = 'istanbul-registration-4';

/** The document of a registration, "proved" with a key whose circuit is true for any claim. */
export function registrationDocument(
  key: ReferenceKey,
  claim: RegistrationClaim,
  changes: Partial<Registration> = {},
): Json {
  const proof = proveKind(REGISTRATION_KIND, key, registrationInputs(claim));
  const registration: Registration = {
    protocol: 'istanbul',
    variant: 'qbft',
    chainId: 1337n,
    circuit: REGISTRATION_CIRCUIT,
    verificationKeyHash: verificationKeyHash(key.verification),
    ...claim,
    proof,
    ...changes,
  };
  return JSON.parse(JSON.stringify(formatRegistration(registration))) as Json;
}

/** A parsed JSON document. */
export type Json = { [field: string]: unknown };

/** A point of the twist that is not in the subgroup of order r: the first x on the curve from a start. */
export function g2OutsideSubgroup(start = 1n): G2 {
  const { Fp2 } = bn254.fields;
  for (let c0 = start; ; c0++) {
    const x = { c0, c1: 1n };
    const yy = Fp2.add(Fp2.mul(Fp2.sqr(x), x), bn254.G2.Point.CURVE().b);
    try {
      const y = Fp2.sqrt(yy);
      return { x: [x.c0, x.c1], y: [y.c0, y.c1] };
    } catch {
      // No square root: x is not on the curve, the next one is tried.
    }
  }
}

const secp256k1Members = (keys: readonly bigint[]): Member[] =>
  keys
    .map((secret) => {
      const { x, y } = secp256k1Multiple(secret);
      return { identity: addressOfKey({ x, y }), publicKey: { x, y }, power: 1n };
    })
    .sort((a, b) => (a.identity < b.identity ? -1 : 1));

function secp256k1Multiple(secret: bigint): { readonly x: bigint; readonly y: bigint } {
  const { x, y } = secp256k1.Point.BASE.multiply(secret).toAffine();
  return { x, y };
}

/** An Istanbul set with real secp256k1 keys. */
export function istanbulSet(keys: readonly bigint[] = [11n, 12n, 13n, 14n], chainId = 1337n): ValidatorSet {
  return { variant: 'qbft', chainId, members: secp256k1Members(keys) };
}

/** The set as it is known while one member's key is not. */
export function withoutKey(set: ValidatorSet, index: number): ValidatorSet {
  return {
    ...set,
    members: set.members.map((member, i) =>
      i === index ? { ...member, publicKey: { x: 0n, y: 0n } } : member,
    ),
  };
}

/** A statement about a block that this set sealed. */
export function statementOf(set: ValidatorSet, changes: Partial<Statement> = {}): Statement {
  const commitment = commitValidatorSet(set);
  return {
    trustedSet: commitment,
    signingSet: commitment,
    nextSet: 0n,
    height: 7528n,
    time: 1_650_000_000n,
    blockHash: 0xab54a98ceb1f0ad2000000000000000000000000000000000000000000000f0dn,
    stateRoot: 0xd5855eb08b3387c0af375e9cdb6acfc05eb8f519e419b874b6ff2ffda7ed1ddfn,
    ...changes,
  };
}

/** A whole setting that verifies: anchor, manifest, key, document. Tests change one thing at a time. */
export function scenario(
  options: {
    readonly system?: ProofSystem;
    readonly key?: ReferenceKey;
    readonly statement?: Partial<Statement>;
    readonly set?: ValidatorSet;
    readonly kind?: 'development' | 'production';
  } = {},
) {
  const key = options.key ?? makeKey(options.system ?? 'groth16');
  const set = options.set ?? istanbulSet();
  const statement = statementOf(set, options.statement);
  const hash = verificationKeyHash(key.verification);
  const circuit = 'istanbul-4';
  const manifest: KeyManifest = {
    name: 'test-keys',
    keys: [
      {
        circuit,
        verificationKeyHash: hash,
        kind: options.kind ?? 'production',
        circuitHash: 1n,
        file: 'istanbul-4.json',
      },
    ],
  };
  const anchor: TrustAnchor = {
    protocol: 'istanbul',
    variant: 'qbft',
    chainId: set.chainId,
    headerListAuthenticated: false,
    allowDevelopmentKeys: false,
    manifest: 'test-keys',
    members: set.members,
    registeredSets: [],
  };
  const document = {
    format: 'zkfinality-proof/1',
    protocol: 'istanbul',
    variant: 'qbft',
    chainId: set.chainId.toString(),
    circuit,
    verificationKeyHash: `0x${hash.toString(16).padStart(64, '0')}`,
    statement: Object.fromEntries(
      Object.entries(statement).map(([name, value]) => [
        name,
        name === 'height' || name === 'time' ? value.toString() : `0x${value.toString(16).padStart(64, '0')}`,
      ]),
    ) as { [part: string]: string },
    proof: JSON.parse(JSON.stringify(formatProof(prove(key, packStatement(statement))))) as {
      [field: string]: unknown;
    },
  };
  return {
    key,
    set,
    statement,
    manifest,
    anchor,
    document,
    options: { anchor, manifest, verificationKeys: [key.verification] },
  };
}
