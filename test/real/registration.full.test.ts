/** A registration, proved, verified and refused through the command line, as a user does. The first proof compiles the circuit and makes its key. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toFunctionSelector } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportSolidityVerifier, proofWords } from '../../src/onchain/index.js';
import { parseVerificationKey } from '../../src/statement/keys.js';
import { parseRegistration, type Registration } from '../../src/statement/registration.js';
import { call, compile, compileShipped, findAnvil, startAnvil, transact } from '../onchain/anvil.js';
import { cli } from '../support/cli.js';

const anvil = findAnvil();

const MINUTES = 60_000;
let folder: string;
const at = (...parts: string[]): string => join(folder, ...parts);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zkfinality-registration-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Anchor = {
  validators: { identity: string; publicKey: { x: string; y: string }; power: string }[];
};
const ZERO = `0x${'0'.repeat(64)}`;

/** On a chain: the registry verifies the proof with the key of the package, and a client that trusts the partial set takes the whole one. */
async function expectOnChain({ proof, oldSet, newSet }: Registration, binary: string): Promise<void> {
  expect(oldSet).not.toBe(newSet);
  const verifierOf = (circuit: string) => {
    const key = parseVerificationKey(JSON.parse(readFileSync(`keys/${circuit}.json`, 'utf8')));
    return compile(exportSolidityVerifier(key, { allowDevelopmentKey: true }), 'FinalityVerifier');
  };
  const node = await startAnvil(binary);
  try {
    const [compiled, compiledClient] = [
      compileShipped('ValidatorSetRegistry'),
      compileShipped('FinalityClient'),
    ];
    const verifier = await node.deploy(verifierOf('istanbul-registration-4'));
    const registry = { address: await node.deploy(compiled, [[verifier], true]), abi: compiled.abi };
    const anchor = {
      ...{ trustedSet: oldSet, signingSet: oldSet, nextSet: 0n, height: 0n, time: 0n },
      ...{ blockHash: ZERO, stateRoot: ZERO },
    };
    const client = {
      address: await node.deploy(compiledClient, [[], registry.address, anchor, true, 0n, true]),
      abi: compiledClient.abi,
    };
    const register = (from: bigint, to: bigint) =>
      transact(node, registry, 'register', [0n, proofWords(proof), from, to]);
    const extend = (set: bigint) => transact(node, client, 'extend', [set]);
    const invalid = toFunctionSelector('ProofInvalid()');
    expect((await extend(newSet)).outcome).toBe('NotAnExtension');
    expect((await register(newSet, oldSet)).outcome).toBe(invalid);
    expect((await register(newSet, newSet)).outcome).toBe(invalid);
    expect((await register(oldSet, newSet)).outcome).toBe('ok');
    expect(await call(node, registry, 'isExtension', [oldSet, newSet])).toBe(true);
    expect(await call(node, registry, 'isExtension', [newSet, oldSet])).toBe(false);
    expect((await extend(oldSet)).outcome).toBe('NotAnExtension');
    expect((await extend(newSet)).outcome).toBe('ok');
    expect(await call(node, client, 'trustedSet')).toBe(newSet);
  } finally {
    await node.close();
  }
}

describe('trust register --prove', () => {
  it(
    'accepts: an unknown key filled in; the proof verifies under the old anchor and extends its set',
    async () => {
      const made = await cli(['devnet', '--variant', 'qbft', '--blocks', '1', '--out', at('net')]);
      expect(made.code, made.stderr).toBe(0);
      const anchor = JSON.parse(readFileSync(at('net', 'trust.json'), 'utf8')) as Anchor;
      const { publicKey } = anchor.validators[2]!;
      writeFileSync(at('keys.txt'), `${publicKey.x.slice(2)}${publicKey.y.slice(2)}\n`);
      anchor.validators[2]!.publicKey = { x: ZERO, y: ZERO };
      writeFileSync(at('partial.json'), JSON.stringify(anchor));

      const proved = await cli(
        [
          ...['--json', 'trust', 'register', at('partial.json'), '--keys', at('keys.txt')],
          ...['--out', at('whole.json'), '--prove', at('registration.json')],
        ],
        { timeoutMs: 15 * MINUTES },
      );
      expect(proved.code, proved.stderr + proved.stdout).toBe(0);
      const verify = (document: string, trust: string) =>
        cli(['--json', 'verify', document, '--trust', trust]);
      const verified = await verify(at('registration.json'), at('partial.json'));
      expect(verified.code, verified.stdout).toBe(0);
      expect(verified.json()).toMatchObject({
        ok: true,
        circuit: 'istanbul-registration-4',
        extendsTrustedSet: true,
        newSet: (proved.json() as { set: { commitment: string } }).set.commitment,
      });
      expect((await verify(at('registration.json'), at('whole.json'))).json()).toMatchObject({
        ok: true,
        extendsTrustedSet: false,
      });

      const document = JSON.parse(readFileSync(at('registration.json'), 'utf8')) as Record<string, unknown>;
      const cases: readonly [string, Record<string, unknown>][] = [
        ['PROOF_INVALID', { ...document, oldSet: document.newSet, newSet: document.oldSet }],
        ['PROOF_INVALID', { ...document, newSet: ZERO }],
        ['CIRCUIT_NAME', { ...document, circuit: 'istanbul-qbft-4' }],
        ['CHAIN_MISMATCH', { ...document, chainId: '1' }],
        ['FORMAT_UNKNOWN', { ...document, format: 'zkfinality-proof/1' }],
      ];
      for (const [code, changed] of cases) {
        writeFileSync(at('changed.json'), JSON.stringify(changed));
        const refused = await verify(at('changed.json'), at('partial.json'));
        expect(refused.code).toBe(1);
        expect(refused.json(), code).toMatchObject({
          ok: false,
          code: code === 'FORMAT_UNKNOWN' ? 'FIELD_MISSING' : code,
        });
      }
      if (anvil !== undefined) await expectOnChain(parseRegistration(document), anvil);
      const inspected = await cli(['--json', 'inspect', at('registration.json')]);
      expect(inspected.json()).toMatchObject({ ok: true, kind: 'registration' });
      const calldata = await cli(['export', 'calldata', at('registration.json')]);
      // Selector, ten words of proof, two commitments, a line feed.
      expect(calldata.stdout.length).toBe(2 + 8 + 12 * 64 + 1);
    },
    20 * MINUTES,
  );

  it('rejects: a committee set, two sets at once; nothing is proved', async () => {
    const made = await cli(['devnet', '--variant', 'committee', '--blocks', '1', '--out', at('committee')]);
    expect(made.code, made.stderr).toBe(0);
    const trust = at('committee', 'trust.json');
    const refused = await cli(['--json', 'trust', 'register', trust, '--prove', at('never.json')]);
    expect(refused.code).toBe(2);
    expect(refused.json()).toMatchObject({ ok: false, code: 'REGISTER_PROTOCOL' });
    const both = await cli([
      ...['--json', 'trust', 'register', trust, '--prove', at('never.json')],
      ...['--keys', at('none.txt'), '--validators', at('none.json')],
    ]);
    expect(both.json()).toMatchObject({ ok: false, code: 'REGISTER_ONE_SET' });
  });
});
