import { beforeAll, describe, expect, it } from 'vitest';
import { createField } from '../../../src/math/field.js';
import {
  addSecp256k1,
  SECP256K1_G as G,
  multiplySecp256k1,
  SECP256K1_N as N,
  SECP256K1_P as P,
  type Secp256k1Point,
  verifyEcdsa,
} from '../../../src/math/secp256k1.js';
import { type EcdsaSlot, ecdsaBatchInput, toLimbs } from '../../../src/math/secp256k1-limbs.js';
import type { CircuitInput } from '../../../src/witness/program.js';
import { compileCircuit, type TestCircuit } from '../../support/circuit.js';
import { bytesToInteger, signWithNoble } from '../../support/ecdsa-vectors.js';
import { seededBytes } from '../../support/runs.js';
import { batchSource } from './main-source.js';

const X = 0xfedcba0987654321fedcba0987654321fedcba0987654321n;
const scalars = createField(N);
const random = seededBytes(11);
const hash = random(32);
const h = bytesToInteger(hash);
const slots: EcdsaSlot[] = [signWithNoble(hash, random(32)), signWithNoble(hash, random(32))];
const [first, second] = slots as [EcdsaSlot, EcdsaSlot];

const highS = ({ signature, publicKey }: EcdsaSlot): EcdsaSlot => ({
  signature: { r: signature.r, s: N - signature.s },
  publicKey,
});

/** The input with some limbs of slot 1 replaced. */
const altered = (changes: { readonly [name: string]: bigint }): CircuitInput => {
  const input = ecdsaBatchInput(h, slots);
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => {
      const change = changes[name];
      return [name, change === undefined ? value : [(value as bigint[][])[0] as bigint[], toLimbs(change)]];
    }),
  );
};

/**
 * A "signature" of slot 1's key by somebody who only owns the key of slot 0, chosen after all else so that the two errors
 * cancel: the sum of both equations without weights is zero.
 */
function cancellingForgery(): EcdsaSlot[] {
  const nonces = [multiplySecp256k1(G, 987654321n), multiplySecp256k1(G, 123456789n)] as Secp256k1Point[];
  const s = [55555n, 77777n] as const;
  const r = nonces.map(({ x }) => x) as [bigint, bigint];
  const negate = (k: bigint): bigint => scalars.neg(scalars.mod(k));
  const owned = [
    nonces[0],
    nonces[1],
    multiplySecp256k1(
      G,
      negate(scalars.add(scalars.mul(h % N, scalars.inv(s[0])), scalars.mul(h % N, scalars.inv(s[1])))),
    ),
    multiplySecp256k1(second.publicKey, negate(scalars.mul(r[1], scalars.inv(s[1])))),
  ].reduce(addSecp256k1);
  const key = multiplySecp256k1(owned, scalars.mul(s[0], scalars.inv(r[0]))) as Secp256k1Point;
  return [
    { signature: { r: r[0], s: s[0] }, publicKey: key },
    { signature: { r: r[1], s: s[1] }, publicKey: second.publicKey },
  ];
}

describe('EcdsaBatch(13, 2)', () => {
  let circuit: TestCircuit;
  beforeAll(async () => {
    circuit = await compileCircuit(batchSource(13, 2));
  });

  it('default: rows of two slots, their table included', () => {
    expect(circuit.constraints).toBe(57_218);
  });

  it.each<[string, CircuitInput]>([
    ['two signatures', ecdsaBatchInput(h, slots)],
    ['high s', ecdsaBatchInput(h, slots.map(highS))],
    ['the same signature twice: the caller counts signers', ecdsaBatchInput(h, [first, first])],
    ['a signature and its high-s twin', ecdsaBatchInput(h, [first, highS(first)])],
    ['another nonce of the transcript', ecdsaBatchInput(h, slots, 5n)],
  ])('accepts: %s', async (_, input) => {
    const witness = await circuit.witness({ ...input, x: X });
    expect(circuit.failingRow(witness)).toBeUndefined();
  });

  const forged = cancellingForgery();
  it('rejects: errors that cancel in a sum without weights', async () => {
    expect(forged.map(({ signature, publicKey }) => verifyEcdsa(h, signature, publicKey))).toEqual([
      false,
      false,
    ]);
    const input = ecdsaBatchInput(h, forged);
    const nonceY = [multiplySecp256k1(G, 987654321n), multiplySecp256k1(G, 123456789n)].map((p) =>
      toLimbs(p!.y),
    );
    await expect(circuit.witness({ ...input, noncePointY: nonceY, x: X })).rejects.toMatchObject({
      code: 'CIRCUIT_ASSERTION',
    });
  });

  it.each<[string, CircuitInput]>([
    ['another message hash', { ...ecdsaBatchInput(h, slots), messageHash: toLimbs(h ^ 1n) }],
    [
      'keys swapped',
      ecdsaBatchInput(h, [
        { ...first, publicKey: second.publicKey },
        { ...second, publicKey: first.publicKey },
      ]),
    ],
    ['s altered', altered({ s: second.signature.s + 1n })],
    ['s = 0', altered({ s: 0n })],
    ['s = n', altered({ s: N })],
    ['s + n', altered({ s: N + 5n })],
    ['r = 0', altered({ r: 0n })],
    ['r = n, whose x is on the curve', altered({ r: N })],
    ['the nonce point negated', altered({ noncePointY: P - (ecdsaY(second) as bigint) })],
    ['the nonce point off the curve', altered({ noncePointY: (ecdsaY(second) as bigint) + 1n })],
    ['a key off the curve', altered({ publicKeyY: second.publicKey.y + 1n })],
    ['the key (0, 0)', altered({ publicKeyX: 0n, publicKeyY: 0n })],
    ['the key negated', altered({ publicKeyY: P - second.publicKey.y })],
  ])('rejects: %s', async (_, input) => {
    await expect(circuit.witness({ ...input, x: X })).rejects.toMatchObject({ code: 'CIRCUIT_ASSERTION' });
  });

  it('behavior: another challenge changes second-round wires only', async () => {
    const input = ecdsaBatchInput(h, slots);
    const [a, b] = [
      await circuit.witness({ ...input, x: X }),
      await circuit.witness({ ...input, x: X + 1n }),
    ];
    const changed = a.flatMap((value, wire) => (value === b[wire] ? [] : [circuit.names(wire)[0] ?? '']));
    const stray = changed.filter(
      (name) => name !== 'main.x' && !/^ch[A-Z]/.test(name.split('.').at(-1) ?? ''),
    );
    expect(stray).toEqual([]);
    expect(changed.length).toBeGreaterThan(30_000);
    // And every wire that is named like a second-round one is: it changes, unless it is the 0 of an unused table row.
    const moved = new Set(changed);
    const still = a.flatMap((value, wire) => {
      const name = circuit.names(wire)[0] ?? '';
      return (name.split('.').at(-1) ?? '').startsWith('ch') && !moved.has(name) && value !== 0n
        ? [name]
        : [];
    });
    expect(still).toEqual([]);
  });
});

function ecdsaY(slot: EcdsaSlot): bigint | undefined {
  const w = scalars.inv(slot.signature.s);
  return addSecp256k1(
    multiplySecp256k1(G, scalars.mul(h % N, w)),
    multiplySecp256k1(slot.publicKey, scalars.mul(slot.signature.r, w)),
  )?.y;
}
