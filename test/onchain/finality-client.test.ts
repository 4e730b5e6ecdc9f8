import { type Hex, pad, toFunctionSelector, toHex } from 'viem';
import { beforeAll, expect, it } from 'vitest';
import { exportSolidityVerifier, proofWords } from '../../src/onchain/index.js';
import { formatFinalityProof, type KeyManifest, type TrustAnchor } from '../../src/statement/documents.js';
import { DEVELOPMENT_GAMMA } from '../../src/statement/keys.js';
import { packStatement } from '../../src/statement/packing.js';
import { parseRegistration } from '../../src/statement/registration.js';
import { commitValidatorSet } from '../../src/statement/set-commitment.js';
import { verificationKeyHash } from '../../src/statement/transcript.js';
import type { Statement } from '../../src/statement/types.js';
import { LightClient, memoryStorage } from '../../src/verify/index.js';
import { runs, seededBytes } from '../support/runs.js';
import {
  istanbulSet,
  type Json,
  makeKey,
  makeRegistrationKey,
  prove,
  REGISTRATION_CIRCUIT,
  registrationDocument,
  withoutKey,
} from '../verify/support.js';
import {
  type Compiled,
  call,
  compile,
  compileShipped,
  type Deployed,
  deployRevert,
  describeOnChain,
  transact,
} from './anvil.js';

const A = istanbulSet();
const B = istanbulSet([11n, 12n, 13n, 15n]);
const C = istanbulSet([11n, 12n, 15n, 16n]);
const aPartial = withoutKey(A, 1);
const [a, b, c, partial] = [A, B, C, aPartial].map(commitValidatorSet) as [bigint, bigint, bigint, bigint];
/** The same validators on another chain. */
const foreign = commitValidatorSet(istanbulSet(undefined, 1n));
const START = 1_650_000_000n;

const key = makeKey('ultragroth');
const otherKey = makeKey('ultragroth', { tau: 12_000_019n });
const registrationKey = makeRegistrationKey();

/** A block of a height: a second one has another `fork`. */
function statement(height: bigint, changes: Partial<Statement> & { readonly fork?: bigint } = {}): Statement {
  const { fork = 0n, ...more } = changes;
  return {
    trustedSet: a,
    signingSet: changes.trustedSet ?? a,
    nextSet: 0n,
    height,
    time: START + height,
    blockHash: (height << 128n) + fork + 1n,
    stateRoot: (height << 200n) + 7n,
    ...more,
  };
}
const word = (value: bigint): Hex => pad(toHex(value), { size: 32 });
const toChain = (of: Statement) => ({
  ...of,
  blockHash: word(of.blockHash),
  stateRoot: word(of.stateRoot),
});
const proofOf = (of: Statement, by = key): bigint[] => proofWords(prove(by, packStatement(of)));
const PROOF_INVALID = toFunctionSelector('ProofInvalid()');

describeOnChain('contracts/FinalityClient.sol', (node) => {
  const compiled = compileShipped('FinalityClient');
  const compiledRegistry = compileShipped('ValidatorSetRegistry');
  let verifier: Hex;
  let registry: Deployed;

  const sources = new Map<string, Compiled>();
  const deployVerifier = (of: typeof key, allowDevelopmentKey = false): Promise<Hex> => {
    const source = exportSolidityVerifier(of.verification, { allowDevelopmentKey });
    const verifierOf = sources.get(source) ?? compile(source, 'FinalityVerifier');
    sources.set(source, verifierOf);
    return node.deploy(verifierOf);
  };
  const makeRegistry = async (allow = false): Promise<Deployed> => ({
    address: await node.deploy(compiledRegistry, [[await deployVerifier(registrationKey)], allow]),
    abi: compiledRegistry.abi,
  });
  const register = async (oldSet: bigint, newSet: bigint, at = registry): Promise<void> => {
    const { proof } = parseRegistration(registrationDocument(registrationKey, { oldSet, newSet }));
    const { outcome } = await transact(node, at, 'register', [0n, proofWords(proof), oldSet, newSet]);
    expect(outcome).toBe('ok');
  };

  beforeAll(async () => {
    verifier = await deployVerifier(key);
    registry = await makeRegistry();
    await register(b, b);
    await register(partial, a);
  });

  type Options = {
    readonly anchor?: Partial<Statement>;
    readonly authenticated?: boolean;
    readonly period?: bigint;
    readonly registry?: Deployed;
  };
  const parameters = (options: Options, verifiers: readonly Hex[] = [verifier], allow = false) => [
    verifiers,
    (options.registry ?? registry).address,
    toChain(statement(3n, { blockHash: 0n, stateRoot: 0n, ...options.anchor })),
    options.authenticated ?? true,
    options.period ?? 0n,
    allow,
  ];

  /** A client at height 3, without a known block. */
  async function open(options: Options = {}) {
    const deployed = { address: await node.deploy(compiled, parameters(options)), abi: compiled.abi };
    const read = (name: string, args: readonly unknown[] = []): Promise<unknown> =>
      call(node, deployed, name, args);
    const accept = async (of: Statement, proof = proofOf(of), index = 0n): Promise<string> =>
      (await transact(node, deployed, 'accept', [index, proof, toChain(of)])).outcome;
    const extend = async (set: bigint): Promise<string> =>
      (await transact(node, deployed, 'extend', [set])).outcome;
    const showConflict = async (
      first: Statement,
      second: Statement,
      proof = proofOf(second),
    ): Promise<string> =>
      (await transact(node, deployed, 'showConflict', [toChain(first), 0n, proof, toChain(second)])).outcome;
    const state = async () =>
      Object.fromEntries(
        await Promise.all(
          ['trustedSet', 'height', 'time', 'blockHash', 'stateRoot', 'frozen'].map(
            async (name) => [name, await read(name)] as const,
          ),
        ),
      );
    const isFinal = (of: Statement): Promise<unknown> => read('isFinal', [toChain(of)]);
    return { accept, extend, showConflict, state, isFinal };
  }

  it('default: height, time, hash and state root move forward; accepted statements may be relied on', async () => {
    const client = await open();
    for (const height of [4n, 5n, 9n]) {
      const next = statement(height);
      expect(await client.isFinal(next)).toBe(false);
      expect(await client.accept(next)).toBe('ok');
      const { blockHash, stateRoot, time } = toChain(next);
      expect(await client.state()).toEqual({
        trustedSet: a,
        height,
        time,
        blockHash,
        stateRoot,
        frozen: false,
      });
      for (const accepted of [4n, 5n, 9n])
        expect(await client.isFinal(statement(accepted))).toBe(accepted <= height);
    }
    for (const part of ['trustedSet', 'signingSet', 'nextSet', 'time', 'blockHash', 'stateRoot'] as const)
      expect(await client.isFinal({ ...statement(5n), [part]: statement(5n)[part] + 1n })).toBe(false);
  });

  it('default: a registered set seals and becomes the trusted one; the old set is over', async () => {
    const client = await open();
    expect(await client.accept(statement(4n, { signingSet: b }))).toBe('ok');
    expect(await client.state()).toMatchObject({ trustedSet: b });
    expect(await client.accept(statement(5n))).toBe('TrustedSetMismatch');
    expect(await client.accept(statement(5n, { trustedSet: b }))).toBe('ok');
    expect(await client.accept(statement(6n, { trustedSet: b, signingSet: a }))).toBe('ok');
  });

  it('default: the trusted set gives way to the same one with more keys, and to nothing else', async () => {
    const client = await open({ anchor: { trustedSet: partial, signingSet: partial } });
    for (const set of [b, partial, 0n]) expect(await client.extend(set)).toBe('NotAnExtension');
    expect(await client.accept(statement(4n))).toBe('TrustedSetMismatch');
    expect(await client.extend(a)).toBe('ok');
    expect(await client.state()).toMatchObject({ trustedSet: a, height: 3n });
    expect(await client.extend(a)).toBe('NotAnExtension');
    expect(await client.accept(statement(4n, { trustedSet: partial }))).toBe('TrustedSetMismatch');
    expect(await client.accept(statement(4n))).toBe('ok');
  });

  it('error: stale, replayed and earlier blocks, other chains, sets that are not registered, forgeries', async () => {
    const client = await open();
    expect(await client.accept(statement(6n))).toBe('ok');
    const before = await client.state();
    const good = statement(7n);
    const cases: readonly [string, Promise<string>][] = [
      ['HeightNotAbove', client.accept(statement(6n))],
      ['HeightNotAbove', client.accept(statement(6n, { fork: 1n }))],
      ['HeightNotAbove', client.accept(statement(5n))],
      ['HeightNotAbove', client.accept(statement(3n))],
      ['HeightNotAbove', client.accept(statement(0n))],
      ['TimeWentBack', client.accept(statement(7n, { time: START + 5n }))],
      ['TrustedSetMismatch', client.accept(statement(7n, { trustedSet: foreign }))],
      ['TrustedSetMismatch', client.accept(statement(7n, { trustedSet: b }))],
      ['TrustedSetMismatch', client.accept(statement(7n, { trustedSet: b, signingSet: a }))],
      ['SigningSetNotRegistered', client.accept(statement(7n, { signingSet: c }))],
      ['SigningSetNotRegistered', client.accept(statement(7n, { signingSet: foreign }))],
      ['VerifierUnknown', client.accept(good, proofOf(good), 1n)],
      [PROOF_INVALID, client.accept(good, proofOf(statement(8n)))],
      [PROOF_INVALID, client.accept(good, proofOf(good, otherKey))],
      [PROOF_INVALID, client.accept({ ...good, signingSet: b }, proofOf(good))],
      [PROOF_INVALID, client.accept({ ...good, blockHash: good.blockHash + 1n }, proofOf(good))],
      [PROOF_INVALID, client.accept({ ...good, stateRoot: good.stateRoot + 1n }, proofOf(good))],
      [PROOF_INVALID, client.accept({ ...good, height: 8n }, proofOf(good))],
      [PROOF_INVALID, client.accept({ ...good, time: good.time + 1n }, proofOf(good))],
      [PROOF_INVALID, client.accept({ ...good, nextSet: 1n }, proofOf(good))],
    ];
    for (const [i, [expected, outcome]] of cases.entries()) expect([i, await outcome]).toEqual([i, expected]);
    expect(await client.state()).toEqual(before);
    expect(await client.accept(good)).toBe('ok');
  });

  it('error: a changed set where the chain does not authenticate header lists', async () => {
    const client = await open({ authenticated: false });
    expect(await client.accept(statement(4n, { signingSet: b }))).toBe('SigningSetChanged');
    expect(await client.accept(statement(4n))).toBe('ok');
  });

  it('error: two final blocks of one height freeze it for ever', async () => {
    const client = await open();
    const [first, second] = [statement(4n), statement(4n, { fork: 1n })];
    for (const height of [4n, 5n]) expect(await client.accept(statement(height))).toBe('ok');
    const refused: readonly [string, Promise<string>][] = [
      ['NoConflict', client.showConflict(first, first)],
      ['NoConflict', client.showConflict(second, first)],
      ['NoConflict', client.showConflict(first, statement(5n, { fork: 1n }))],
      ['NoConflict', client.showConflict(statement(6n), statement(6n, { fork: 1n }))],
      ['TrustedSetMismatch', client.showConflict(first, statement(4n, { fork: 1n, trustedSet: b }))],
      ['TrustedSetMismatch', client.showConflict(first, statement(4n, { fork: 1n, trustedSet: foreign }))],
      ['SigningSetNotRegistered', client.showConflict(first, statement(4n, { fork: 1n, signingSet: c }))],
      [PROOF_INVALID, client.showConflict(first, second, proofOf(first))],
    ];
    for (const [i, [expected, outcome]] of refused.entries())
      expect([i, await outcome]).toEqual([i, expected]);
    expect(await client.isFinal(first)).toBe(true);
    expect(await client.showConflict(first, second)).toBe('ok');
    expect(await client.state()).toMatchObject({ frozen: true, height: 5n });
    for (const one of [first, second, statement(5n)]) expect(await client.isFinal(one)).toBe(false);
    expect(await client.accept(statement(6n))).toBe('Frozen');
    expect(await client.extend(a)).toBe('Frozen');
    expect(await client.showConflict(first, second)).toBe('Frozen');
  });

  it('error: a second block of a height where the set changed, and of the anchor itself', async () => {
    const changed = await open();
    const first = statement(4n, { signingSet: b });
    expect(await changed.accept(first)).toBe('ok');
    // The new set had a say at that height, too.
    expect(await changed.showConflict(first, statement(4n, { fork: 1n, trustedSet: b }))).toBe('ok');
    const anchor = statement(3n);
    const client = await open({ anchor });
    expect(await client.isFinal(anchor)).toBe(true);
    expect(await client.showConflict(anchor, statement(3n, { fork: 9n }))).toBe('ok');
    const blind = await open();
    const unknown = statement(3n, { blockHash: 0n, stateRoot: 0n });
    expect(await blind.isFinal(unknown)).toBe(false);
    expect(await blind.showConflict(unknown, statement(3n))).toBe('NoConflict');
  });

  it('error: a trusting period that is over, blocks ahead of the clock', async () => {
    const { timestamp } = await node.publicClient.getBlock();
    const client = await open({ anchor: { time: timestamp - 100n }, period: 1_000_000n });
    expect(await client.accept(statement(4n, { time: timestamp + 5_000n }))).toBe('TimeInFuture');
    const accepted = statement(4n, { time: timestamp });
    expect(await client.accept(accepted)).toBe('ok');
    const strict = await open({ anchor: { time: timestamp - 1_000n }, period: 100n });
    expect(await strict.accept(statement(4n, { time: timestamp }))).toBe('TrustExpired');
    const long = await open({ anchor: { time: timestamp - 100n }, period: 2n ** 64n - 1n });
    expect(await long.accept(statement(4n, { time: timestamp }))).toBe('ok');
    await node.publicClient.request({
      method: 'evm_increaseTime',
      params: [2_000_000],
    } as never);
    await node.publicClient.request({ method: 'evm_mine', params: [] } as never);
    expect(await client.accept(statement(5n, { time: timestamp }))).toBe('TrustExpired');
    expect(await client.showConflict(accepted, { ...accepted, blockHash: 1n })).toBe('TrustExpired');
  });

  it('error: made with missing contracts, development keys, or an anchor without a set', async () => {
    const nobody = '0x000000000000000000000000000000000000dEaD';
    const refusal = (...of: Parameters<typeof parameters>): Promise<string | undefined> =>
      deployRevert(node, compiled, parameters(...of));
    expect(await refusal({}, [verifier, nobody])).toBe('VerifierMissing');
    expect(await refusal({ registry: { ...registry, address: nobody } })).toBe('VerifierMissing');
    const development = await deployVerifier(makeKey('ultragroth', { gamma: DEVELOPMENT_GAMMA }), true);
    expect(await refusal({}, [verifier, development])).toBe('DevelopmentKey');
    expect(await refusal({}, [verifier, development], true)).toBeUndefined();
    const lax = await makeRegistry(true);
    expect(await refusal({ registry: lax })).toBe('DevelopmentKey');
    expect(await refusal({ registry: lax }, [verifier], true)).toBeUndefined();
    for (const anchor of [{ trustedSet: 0n, signingSet: 0n }, { signingSet: b }, { nextSet: b }])
      expect(await refusal({ anchor })).toBe('AnchorInvalid');
  });

  it('behavior: answers any sequence of documents as the light client does', async () => {
    const entry = (circuit: string, of: typeof key): KeyManifest['keys'][number] => ({
      circuit,
      verificationKeyHash: verificationKeyHash(of.verification),
      kind: 'production',
      circuitHash: 1n,
      file: `${circuit}.json`,
    });
    const manifest: KeyManifest = {
      name: 'test-keys',
      keys: [entry('istanbul-qbft-4', key), entry(REGISTRATION_CIRCUIT, registrationKey)],
    };
    const anchor: TrustAnchor = {
      ...{ protocol: 'istanbul', variant: 'qbft', chainId: A.chainId, manifest: 'test-keys' },
      ...{ headerListAuthenticated: true, allowDevelopmentKeys: false },
      ...{ members: A.members, registeredSets: [], height: 3n, time: START + 3n },
    };
    const random = seededBytes(77);
    const pick = <Value>(values: readonly Value[]): Value => values[random(1)[0]! % values.length]!;
    const told = new Set<string>();
    for (let run = 0; run < runs(3, 30); run++) {
      const own = await makeRegistry();
      // The light client takes sets that it has trusted for registered; the contract asks the registry.
      await register(a, a, own);
      const contract = await open({ registry: own });
      const client = await LightClient.open({
        ...{ storage: memoryStorage(), anchor, manifest },
        verificationKeys: [key.verification, registrationKey.verification],
      });
      const accepted = new Map<bigint, Statement>();
      for (let step = 0; step < 14; step++) {
        if (random(1)[0]! % 4 === 0) {
          const set = pick([b, c]);
          const document = registrationDocument(registrationKey, { oldSet: set, newSet: set });
          await register(set, set, own);
          await client.update(document);
          continue;
        }
        const height = BigInt(4 + (random(1)[0]! % 7));
        const trusted = random(1)[0]! % 4 === 0 ? pick([a, b, c]) : client.state.trustedSet;
        const next = statement(height, {
          trustedSet: trusted,
          signingSet: pick([trusted, trusted, trusted, a, b, c]),
          fork: BigInt(random(1)[0]! % 16 === 0 ? 1 : 0),
          time: START + height - (random(1)[0]! % 8 === 0 ? 3n : 0n),
        });
        const forged = random(1)[0]! % 3 === 0;
        const proof = prove(key, packStatement(forged ? { ...next, stateRoot: 1n } : next));
        const answer = await client.update(document(next, proof));
        let outcome = await contract.accept(next, proofWords(proof));
        const rival = accepted.get(height);
        if (outcome === 'HeightNotAbove' || (outcome === 'TrustedSetMismatch' && rival !== undefined))
          outcome =
            rival === undefined ? outcome : await contract.showConflict(rival, next, proofWords(proof));
        if (answer.ok) accepted.set(height, next);
        const expected = answer.ok || answer.code === 'BLOCK_CONFLICT' ? 'ok' : 'refused';
        told.add(answer.ok ? 'accepted' : answer.code);
        const at = [run, step, answer.ok ? 'accepted' : answer.code, outcome];
        expect([at, outcome === 'ok' ? 'ok' : 'refused']).toEqual([at, expected]);
        expect(await contract.state()).toMatchObject({
          trustedSet: client.state.trustedSet,
          height: client.newest?.height ?? 3n,
          frozen: client.state.conflict !== undefined,
        });
      }
    }
    expect([...told]).toEqual(
      expect.arrayContaining(['accepted', 'TRUSTED_SET_MISMATCH', 'HEIGHT_WENT_BACK', 'PROOF_INVALID']),
    );

    function document(of: Statement, proof: ReturnType<typeof prove>): Json {
      return formatFinalityProof({
        ...{ protocol: 'istanbul', variant: 'qbft', chainId: A.chainId, circuit: 'istanbul-qbft-4' },
        ...{ verificationKeyHash: verificationKeyHash(key.verification), statement: of, proof },
      }) as unknown as Json;
    }
  });
});
