import { describe, expect, it } from 'vitest';
import { formatHex } from '../../src/statement/json.js';
import { commitValidatorSet } from '../../src/statement/set-commitment.js';
import { LightClient, memoryStorage } from '../../src/verify/index.js';
import { committeeSet } from '../statement/vectors.js';
import {
  A,
  anchor,
  aPartial,
  B,
  block,
  COMMITMENTS,
  committeeAnchor,
  forged,
  keys,
  open,
  registration,
  START,
  statement,
  verdict,
  verdictOf,
} from './light-client-support.js';
import { istanbulSet } from './support.js';

const { a, b, c, partial } = COMMITMENTS;

/** Expects a refusal that leaves the state as it was. */
async function expectRefusal(client: LightClient, document: unknown, code: string): Promise<void> {
  const before = client.export();
  expect(await verdict(client, document)).toBe(code);
  expect(client.export()).toBe(before);
}

describe('LightClient on an Istanbul chain', () => {
  it('default: blocks of the trusted set move height, hash and time', async () => {
    const client = await open();
    expect(client.newest).toBeUndefined();
    for (const height of [5n, 6n, 9n]) {
      const result = await client.update(block(height));
      expect(result).toMatchObject({ ok: true, kind: 'block', trustedSet: a, setChanged: false });
      expect(client.newest).toEqual(statement(height));
    }
  });

  it('default: a registered set seals and becomes the trusted one; the old set is over', async () => {
    const client = await open();
    expect(await client.update(registration(b, b))).toMatchObject({
      ok: true,
      kind: 'registration',
      trustedSet: a,
      extendsTrustedSet: false,
    });
    const changed = block(6n, { signingSet: b });
    expect(await client.update(changed)).toMatchObject({ ok: true, setChanged: true, trustedSet: b });
    expect(client.state.trustedSet).toBe(b);
    await expectRefusal(client, block(7n), 'TRUSTED_SET_MISMATCH unchecked');
    expect(await verdict(client, block(7n, { trustedSet: b }))).toBe('ok');
    // Back to a set that was trusted before, which needs no second registration.
    expect(await verdict(client, block(8n, { trustedSet: b, signingSet: a }))).toBe('ok');
  });

  it('default: a registration of the trusted set puts it in the place of the one with fewer keys', async () => {
    const first = { ...anchor, members: aPartial.members };
    const client = await open(first);
    expect(await verdict(client, block(4n, { trustedSet: partial }))).toBe('ok');
    expect(await client.update(registration(partial, a))).toMatchObject({
      ok: true,
      extendsTrustedSet: true,
      trustedSet: a,
    });
    await expectRefusal(client, block(5n, { trustedSet: partial }), 'TRUSTED_SET_MISMATCH unchecked');
    expect(await verdict(client, block(5n))).toBe('ok');
    // The way back is no extension: the set is registered already.
    await expectRefusal(client, registration(a, a), 'PROOF_REPLAYED valid');
  });

  it('default: sets registered by their members, as by a proof', async () => {
    const client = await open({ ...anchor, members: aPartial.members });
    expect(await client.registerSet(B.members)).toEqual({
      ok: true,
      kind: 'registration',
      oldSet: b,
      newSet: b,
      extendsTrustedSet: false,
      trustedSet: partial,
    });
    expect(verdictOf(await client.registerSet(A.members, aPartial.members))).toBe('ok');
    expect(client.state.trustedSet).toBe(a);
    expect(await verdict(client, block(6n, { signingSet: b }))).toBe('ok');
    expect(verdictOf(await client.registerSet(B.members))).toBe('PROOF_REPLAYED valid');
  });

  it("error: sets that their members do not bear out: takeover by the attacker's keys beside the new addresses", async () => {
    const client = await open({ ...anchor, members: aPartial.members });
    const attacker = istanbulSet([91n, 92n, 93n, 94n]).members;
    const foreign = B.members.map((member, i) => ({ ...member, publicKey: attacker[i]!.publicKey }));
    const replaced = A.members.map((member, i) => ({ ...member, publicKey: foreign[i]!.publicKey }));
    const before = client.export();
    const cases: readonly [Parameters<LightClient['registerSet']>, string][] = [
      [[foreign], 'MEMBER_KEY_ADDRESS'],
      [[replaced, aPartial.members], 'MEMBER_KEY_ADDRESS'],
      [[B.members, aPartial.members], 'REGISTER_SETS_DIFFER'],
      [[attacker, aPartial.members], 'REGISTER_SETS_DIFFER'],
      // Keys are filled in, never taken away.
      [[aPartial.members, A.members], 'REGISTER_SETS_DIFFER'],
      [[A.members.slice(0, 3), aPartial.members], 'REGISTER_SETS_DIFFER'],
      [[A.members, aPartial.members.slice(0, 3)], 'REGISTER_SETS_DIFFER'],
      [[A.members.toReversed()], 'SET_ORDER'],
      [[[]], 'SET_EMPTY'],
    ];
    for (const [members, code] of cases)
      expect(verdictOf(await client.registerSet(...members))).toBe(`${code} unchecked`);
    const committee = await open(committeeAnchor);
    expect(verdictOf(await committee.registerSet(committeeAnchor.members))).toBe(
      'REGISTER_SETS_DIFFER unchecked',
    );
    expect(client.export()).toBe(before);
  });

  it('error: every refusal of a block, by its code', async () => {
    const at = { height: 5n, time: START + 5n };
    const client = await open(
      { ...anchor, height: 3n, time: START, trustingPeriodSeconds: 100n },
      {
        clock: () => START + 50n,
      },
    );
    expect(await verdict(client, block(at.height))).toBe('ok');
    const next = block(6n);
    const cases: readonly [unknown, string][] = [
      [block(5n), 'PROOF_REPLAYED unchecked'],
      [block(4n), 'HEIGHT_WENT_BACK unchecked'],
      [block(2n), 'HEIGHT_WENT_BACK unchecked'],
      [block(6n, { time: START + 4n }), 'TIME_WENT_BACK unchecked'],
      [block(6n, { time: START + 651n }), 'TIME_IN_FUTURE unchecked'],
      [{ ...next, chainId: '1' }, 'CHAIN_MISMATCH unchecked'],
      [{ ...next, variant: 'ibft2' }, 'PROTOCOL_MISMATCH unchecked'],
      [block(6n, {}, committeeAnchor), 'PROTOCOL_MISMATCH unchecked'],
      [block(6n, { trustedSet: b }), 'TRUSTED_SET_MISMATCH unchecked'],
      [block(6n, { signingSet: b }), 'SIGNING_SET_NOT_REGISTERED unchecked'],
      [{ ...next, circuit: 'istanbul-ibft1-4' }, 'CIRCUIT_MISMATCH unchecked'],
      [{ ...next, circuit: 'istanbul-registration-4' }, 'CIRCUIT_NAME unchecked'],
      [{ ...next, verificationKeyHash: formatHex(1n, 32) }, 'KEY_MISSING unchecked'],
      [{ ...next, format: 'zkfinality-proof/2' }, 'FORMAT_UNKNOWN unchecked'],
      [{ ...next, extra: 1 }, 'FIELD_UNKNOWN unchecked'],
      [forged(next, 'height', '7'), 'PROOF_INVALID invalid'],
      [forged(next, 'stateRoot', formatHex(1n, 32)), 'PROOF_INVALID invalid'],
      // A block that was accepted, with another state root: not told to be known.
      [forged(block(5n), 'stateRoot', formatHex(1n, 32)), 'PROOF_INVALID invalid'],
      [forged(block(5n), 'time', '7'), 'PROOF_INVALID invalid'],
      [null, 'FIELD_TYPE unchecked'],
      [undefined, 'FIELD_TYPE unchecked'],
      ['text', 'FIELD_TYPE unchecked'],
      [[], 'FIELD_TYPE unchecked'],
    ];
    for (const [document, code] of cases) await expectRefusal(client, document, code);
    expect(await verdict(client, next)).toBe('ok');
  });

  it('error: every refusal of a registration, by its code', async () => {
    const client = await open();
    const honest = registration(b, b);
    expect(await verdict(client, honest)).toBe('ok');
    const cases: readonly [unknown, string][] = [
      [honest, 'PROOF_REPLAYED valid'],
      [registration(a, a), 'PROOF_REPLAYED valid'],
      [{ ...honest, newSet: formatHex(c, 32) }, 'PROOF_INVALID invalid'],
      [{ ...honest, chainId: '1' }, 'CHAIN_MISMATCH unchecked'],
      [{ ...honest, circuit: 'istanbul-qbft-4' }, 'CIRCUIT_NAME unchecked'],
      [{ ...honest, format: 'zkfinality-proof/1' }, 'FIELD_MISSING unchecked'],
      [{ ...block(5n), format: 'zkfinality-registration/1' }, 'FIELD_MISSING unchecked'],
    ];
    for (const [document, code] of cases) await expectRefusal(client, document, code);
    await expectRefusal(await open(committeeAnchor), honest, 'PROTOCOL_MISMATCH unchecked');
  });

  it('error: a development key, unless the anchor allows it', async () => {
    const manifest = {
      ...keys.manifest,
      keys: keys.manifest.keys.map((key) => ({ ...key, kind: 'development' as const })),
    };
    await expectRefusal(await open(anchor, { manifest }), block(5n), 'DEVELOPMENT_KEY unchecked');
    const allowed = await open({ ...anchor, allowDevelopmentKeys: true }, { manifest });
    expect(await verdict(allowed, block(5n))).toBe('ok');
  });

  it('error: chains whose headers do not vouch for their lists never change their set', async () => {
    const client = await open({ ...anchor, headerListAuthenticated: false });
    expect(await verdict(client, registration(b, b))).toBe('ok');
    await expectRefusal(client, block(6n, { signingSet: b }), 'SIGNING_SET_CHANGED unchecked');
  });

  it("error: takeover by the attacker's keys beside the new addresses", async () => {
    // The header is genuine, so the proof of finality holds; the commitment has the attacker's keys.
    const attacker = istanbulSet([91n, 92n, 93n, 94n]);
    const members = B.members.map((member, i) => ({
      ...member,
      publicKey: attacker.members[i]!.publicKey,
    }));
    expect(() => commitValidatorSet({ ...B, members })).toThrow(
      expect.objectContaining({ code: 'MEMBER_KEY_ADDRESS' }),
    );
    const taken = 123456789n;
    const client = await open();
    expect(await verdict(client, registration(b, b))).toBe('ok');
    await expectRefusal(
      client,
      { ...registration(b, b), oldSet: formatHex(taken, 32), newSet: formatHex(taken, 32) },
      'PROOF_INVALID invalid',
    );
    await expectRefusal(client, block(6n, { signingSet: taken }), 'SIGNING_SET_NOT_REGISTERED unchecked');
    // Nothing moved: the genuine change is still accepted.
    expect(await verdict(client, block(6n, { signingSet: b }))).toBe('ok');
  });

  it("error: takeover by the registration of the attacker's own set gives no trust", async () => {
    const own = commitValidatorSet(istanbulSet([91n, 92n, 93n, 94n]));
    const client = await open();
    expect(await client.update(registration(own, own))).toMatchObject({ ok: true, trustedSet: a });
    expect(client.state.trustedSet).toBe(a);
    await expectRefusal(client, block(6n, { trustedSet: own }), 'TRUSTED_SET_MISMATCH unchecked');
  });

  it('error: the trusting period counts from the newest block', async () => {
    let now = START;
    const options = { clock: () => now, trustingPeriodSeconds: 100n };
    const client = await open({ ...anchor, time: START }, options);
    expect(await verdict(client, block(1n))).toBe('ok');
    now = START + 101n;
    expect(await verdict(client, block(2n))).toBe('ok');
    now = START + 103n;
    await expectRefusal(client, block(3n), 'ANCHOR_EXPIRED unchecked');
    // Registrations are facts of no time, and change nothing of it.
    expect(await verdict(client, registration(b, b))).toBe('ok');
    await expectRefusal(client, block(3n, { signingSet: b }), 'ANCHOR_EXPIRED unchecked');
  });

  it('error: with a trusting period, no block from an anchor of no known time: its set may be of long ago', async () => {
    const options = { clock: () => START, trustingPeriodSeconds: 100n };
    await expectRefusal(await open(anchor, options), block(1n), 'ANCHOR_EXPIRED unchecked');
    await expectRefusal(
      await open(committeeAnchor, options),
      block(1n, { trustedSet: commitValidatorSet(committeeSet) }, committeeAnchor),
      'ANCHOR_EXPIRED unchecked',
    );
  });
});

describe('LightClient on a committee chain', () => {
  const trusted = commitValidatorSet(committeeSet);
  const first = { trustedSet: trusted };

  it('default: an announced set is the trusted one from the next height on', async () => {
    const client = await open(committeeAnchor);
    const of = (height: bigint, changes = {}) => block(height, { ...first, ...changes }, committeeAnchor);
    expect(await verdict(client, of(1n))).toBe('ok');
    const announcing = of(2n, { nextSet: 77n });
    expect(await client.update(announcing)).toMatchObject({ ok: true, trustedSet: 77n, setChanged: false });
    await expectRefusal(client, of(3n), 'TRUSTED_SET_MISMATCH unchecked');
    // Of the height that announced it the new set has no say.
    await expectRefusal(client, of(2n, { trustedSet: 77n, fork: 1n }), 'TRUSTED_SET_MISMATCH unchecked');
    expect(await verdict(client, of(3n, { trustedSet: 77n }))).toBe('ok');
    await expectRefusal(
      client,
      of(4n, { trustedSet: 77n, signingSet: 78n }),
      'SIGNING_SET_CHANGED unchecked',
    );
  });

  it('error: another block of the height that announced a set freezes, from the set of that height', async () => {
    const client = await open(committeeAnchor);
    expect(await verdict(client, block(2n, { ...first, nextSet: 77n }, committeeAnchor))).toBe('ok');
    expect(await verdict(client, block(2n, { ...first, nextSet: 78n, fork: 1n }, committeeAnchor))).toBe(
      'BLOCK_CONFLICT valid',
    );
    expect(client.state.trustedSet).toBe(77n);
  });
});

describe('two blocks of one height', () => {
  async function expectFrozen(client: LightClient): Promise<void> {
    for (const document of [block(9n), block(5n), registration(b, b), null])
      await expectRefusal(client, document, 'CLIENT_FROZEN unchecked');
    expect(verdictOf(await client.registerSet(B.members))).toBe('CLIENT_FROZEN unchecked');
    const again = await LightClient.open({ ...keys, storage: memoryStorage(client.export()) });
    await expectRefusal(again, block(9n), 'CLIENT_FROZEN unchecked');
    expect(again.state).toEqual(client.state);
  }

  it('error: of the newest height: both proofs are kept, nothing is accepted any more', async () => {
    const client = await open();
    await client.update(block(5n));
    expect(await verdict(client, block(5n, { fork: 1n }))).toBe('BLOCK_CONFLICT valid');
    expect(client.state.accepted.at(-1)!.statement).toEqual(statement(5n));
    expect(client.state.conflict!.statement).toEqual(statement(5n, { fork: 1n }));
    expect(client.newest).toEqual(statement(5n));
    await expectFrozen(client);
  });

  it('error: of an earlier height that is still kept, by the sets of that height', async () => {
    const client = await open();
    for (const document of [block(4n), registration(b, b), block(5n, { signingSet: b })])
      expect(await verdict(client, document)).toBe('ok');
    for (const height of [6n, 7n]) await client.update(block(height, { trustedSet: b }));
    // C never had a say at height 5; B sealed it, so B may not seal another.
    await expectRefusal(client, block(4n, { trustedSet: b, fork: 1n }), 'TRUSTED_SET_MISMATCH unchecked');
    await expectRefusal(client, block(5n, { trustedSet: c, fork: 1n }), 'TRUSTED_SET_MISMATCH unchecked');
    expect(await verdict(client, block(5n, { trustedSet: b, fork: 1n }))).toBe('BLOCK_CONFLICT valid');
    await expectFrozen(client);
  });

  it('error: an earlier time does not hide the second block', async () => {
    const client = await open();
    for (const height of [5n, 6n]) await client.update(block(height));
    expect(await verdict(client, block(5n, { fork: 1n, time: 1n }))).toBe('BLOCK_CONFLICT valid');
    await expectFrozen(client);
  });

  it('error: beside the block that the anchor names', async () => {
    const first = { ...anchor, height: 5n, blockHash: statement(5n).blockHash };
    const client = await open(first);
    expect(await verdict(client, block(5n, { fork: 1n }))).toBe('BLOCK_CONFLICT valid');
    expect(client.state.accepted).toEqual([]);
    await expectFrozen(client);
    const honest = await open(first);
    expect(await verdict(honest, block(5n))).toBe('ok');
    expect(await verdict(honest, block(5n))).toBe('PROOF_REPLAYED unchecked');
  });

  it('behavior: what is no evidence does not freeze', async () => {
    let now = START;
    const client = await open({ ...anchor, time: START }, { clock: () => now, trustingPeriodSeconds: 100n });
    for (const height of [5n, 6n]) await client.update(block(height));
    const second = block(5n, { fork: 1n });
    await expectRefusal(client, forged(block(5n), 'blockHash', formatHex(1n, 32)), 'PROOF_INVALID invalid');
    await expectRefusal(client, { ...second, chainId: '1' }, 'CHAIN_MISMATCH unchecked');
    await expectRefusal(
      client,
      block(5n, { signingSet: c, fork: 1n }),
      'SIGNING_SET_NOT_REGISTERED unchecked',
    );
    // Keys of long ago may be anybody's.
    now = START + 106n;
    await expectRefusal(client, second, 'ANCHOR_EXPIRED unchecked');
    now = START + 105n;
    expect(await verdict(client, second)).toBe('BLOCK_CONFLICT valid');
  });

  it('behavior: the state is bounded; heights that are no longer kept cannot be compared', async () => {
    const client = await open();
    for (let height = 1n; height <= 10n; height++) await client.update(block(height));
    for (let set = 1n; set <= 20n; set++) await client.update(registration(set, set));
    expect(client.state.accepted.map((proof) => proof.statement.height)).toEqual([
      3n,
      4n,
      5n,
      6n,
      7n,
      8n,
      9n,
      10n,
    ]);
    expect(client.state.registeredSets).toEqual(Array.from({ length: 16 }, (_, i) => BigInt(i + 5)));
    expect(client.export().length).toBeLessThan(24_000);
    await expectRefusal(client, block(2n, { fork: 1n }), 'HEIGHT_WENT_BACK unchecked');
    expect(await verdict(client, block(3n, { fork: 1n }))).toBe('BLOCK_CONFLICT valid');
  });
});
