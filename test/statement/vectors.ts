/**
 * The vectors of `docs/STATEMENT.md`, built by formulas of their own: Poseidon of circomlibjs, Keccak-256 of viem.
 */
import { concatHex, keccak256, pad, toHex } from 'viem';
import { FIELD_MODULUS } from '../../src/statement/curve.js';
import type { Statement, ValidatorSet, VerificationKey } from '../../src/statement/types.js';
import { istanbulSet, makeKey } from '../verify/support.js';

/** Poseidon of circomlibjs on bigints. */
export async function circomlibPoseidon(): Promise<(inputs: readonly bigint[]) => bigint> {
  const name = 'circomlibjs';
  const library = (await import(name)) as {
    buildPoseidon: () => Promise<
      ((inputs: readonly bigint[]) => Uint8Array) & { F: { toObject: (x: Uint8Array) => bigint } }
    >;
  };
  const poseidon = await library.buildPoseidon();
  return (inputs) => poseidon.F.toObject(poseidon(inputs));
}

const word = (value: bigint): `0x${string}` => pad(toHex(value), { size: 32 });
const tag = (label: string): bigint => BigInt(keccak256(toHex(`zkfinality/${label}`)));

/** The commitment by the formula of the page. */
export function commitByFormula(set: ValidatorSet, poseidon: (inputs: readonly bigint[]) => bigint): bigint {
  const variant = { committee: 1n, ibft1: 2n, ibft2: 3n, qbft: 4n }[set.variant];
  const total = set.members.reduce((sum, member) => sum + member.power, 0n);
  let link = poseidon([
    tag('set/v1') % 2n ** 248n,
    variant,
    set.chainId,
    set.variant === 'committee' ? 1n : 2n,
    BigInt(set.members.length),
    total,
  ]);
  for (const { identity, power, publicKey } of set.members) {
    const who = identity * 2n ** 64n + power;
    const halves = (value: bigint): bigint[] => [value % 2n ** 128n, value / 2n ** 128n];
    link =
      set.variant === 'committee'
        ? poseidon([link, who, publicKey.x, publicKey.y])
        : poseidon([link, who, ...halves(publicKey.x), ...halves(publicKey.y)]);
  }
  return link;
}

/** The hash of a key by the formula of the page. */
export function keyHashByFormula(key: VerificationKey): bigint {
  const g2 = (point: VerificationKey['beta2']): bigint[] => [point.x[1], point.x[0], point.y[1], point.y[0]];
  const words = [
    tag('verification-key/v1'),
    BigInt(keccak256(toHex('bn254'))),
    key.system === 'groth16' ? 1n : 2n,
    BigInt(key.publicCount),
    key.alpha1.x,
    key.alpha1.y,
    ...g2(key.beta2),
    ...g2(key.gamma2),
    ...(key.system === 'ultragroth' ? g2(key.delta1!) : []),
    ...g2(key.delta2),
    ...key.ic.flatMap((point) => [point.x, point.y]),
  ];
  return BigInt(keccak256(concatHex(words.map(word))));
}

/** The challenge by the formula of the page. */
export function challengeByFormula(
  keyHash: bigint,
  inputs: readonly bigint[],
  d: { readonly x: bigint; readonly y: bigint },
): bigint {
  return (
    BigInt(keccak256(concatHex([tag('challenge/v1'), keyHash, ...inputs, d.x, d.y].map(word)))) %
    FIELD_MODULUS
  );
}

/** BabyJubjub: its base point of EIP-2494 and that point doubled. */
export const committeeSet: ValidatorSet = {
  variant: 'committee',
  chainId: 424242n,
  members: [
    {
      identity: 1n,
      publicKey: {
        x: 5299619240641551281634865583518297030282874472190772894086521144482721001553n,
        y: 16950150798460657717958625567821834550301663161624707787222815936182638968203n,
      },
      power: 2n ** 64n - 1n,
    },
    {
      identity: 2n ** 160n - 1n,
      publicKey: {
        x: 10031262171927540148667355526369034398030886437092045105752248699557385197826n,
        y: 633281375905621697187330766174974863687049529291089048651929454608812697683n,
      },
      power: 1n,
    },
  ],
};

/** As a recorded QBFT block shows it: one member's key is not known yet. */
export const istanbulSetWithUnknown: ValidatorSet = {
  ...istanbulSet(),
  members: istanbulSet().members.map((member, i) =>
    i === 2 ? { ...member, publicKey: { x: 0n, y: 0n } } : member,
  ),
};

/** Every part has its top and bottom bits set apart, so that a slip in the packing shows. */
export const vectorStatement: Statement = {
  trustedSet: FIELD_MODULUS - 1n,
  signingSet: 1n,
  nextSet: 0n,
  height: 0x8000000000000001n,
  time: 0xc000000000000003n,
  blockHash: 0x8123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd11n,
  stateRoot: 0xfedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543222n,
};

/** Keys of the vectors: the toy keys of the tests, whose secrets are public. */
export const vectorKeys = {
  groth16: makeKey('groth16').verification,
  ultragroth: makeKey('ultragroth').verification,
};
