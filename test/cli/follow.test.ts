/** `zkfinality follow`, on proofs of toy circuits under a manifest of their keys. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatManifest, formatMembers, formatTrustAnchor } from '../../src/statement/documents.js';
import { formatHex } from '../../src/statement/json.js';
import { formatVerificationKey } from '../../src/statement/keys.js';
import { type CliResult, cli } from '../support/cli.js';
import {
  anchor,
  aPartial,
  B,
  block,
  COMMITMENTS,
  forged,
  keys,
  registration,
} from '../verify/light-client-support.js';

const { a, b, partial } = COMMITMENTS;
let folder: string;
const at = (...parts: string[]): string => join(folder, ...parts);
const write = (name: string, document: unknown): string => {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), JSON.stringify(document));
  return at(name);
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zkfinality-follow-'));
  write('keys/manifest.json', formatManifest(keys.manifest));
  keys.manifest.keys.forEach(({ file }, i) => {
    write(`keys/${file}`, formatVerificationKey(keys.verificationKeys[i]!));
  });
  write('trust.json', formatTrustAnchor(anchor));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const follow = (state: string, ...more: readonly string[]): Promise<CliResult> =>
  cli(['--json', 'follow', '--state', at(state), '--manifest', at('keys', 'manifest.json'), ...more]);
type Outcomes = { readonly documents: readonly { readonly code?: string; readonly kind?: string }[] };
const told = (result: CliResult): readonly (string | undefined)[] =>
  (result.json() as unknown as Outcomes).documents.map(({ code, kind }) => code ?? kind);

describe('trust make --trusting-period', () => {
  it('default: from a time or from the newest block; error: from neither', async () => {
    const validators = write('validators.json', formatMembers(anchor.members));
    const make = (...more: readonly string[]): Promise<CliResult> =>
      cli([
        ...['--json', 'trust', 'make', '--variant', 'qbft', '--chain-id', '1337', '--out', at('period.json')],
        ...['--trusting-period', '60', ...more],
      ]);
    const neither = await make('--validators', validators);
    expect(neither.code).toBe(2);
    expect(neither.json()).toMatchObject({ ok: false, code: 'ANCHOR_INCOMPLETE' });
    expect(existsSync(at('period.json'))).toBe(false);
    const made = (): unknown => JSON.parse(readFileSync(at('period.json'), 'utf8'));
    expect((await make('--validators', validators, '--time', '1650000000')).code).toBe(0);
    expect(made()).toMatchObject({ time: '1650000000', trustingPeriodSeconds: '60' });
    const net = await cli(['--json', 'devnet', '--variant', 'qbft', '--blocks', '2', '--out', at('net')]);
    expect(net.code, net.stderr).toBe(0);
    const blocks = ['--block', at('net', 'block-2.json'), '--block', at('net', 'block-1.json')];
    const fromBlocks = await make(...blocks);
    expect(fromBlocks.code, fromBlocks.stdout).toBe(0);
    expect(made()).toMatchObject({ time: '1700000004', trustingPeriodSeconds: '60' });
  });
});

describe('follow', () => {
  it('default: a folder in any order moves height and set; again it changes nothing', async () => {
    write('proofs/1.json', block(7n, { trustedSet: b }));
    write('proofs/2.json', block(6n, { signingSet: b }));
    write('proofs/3.json', block(5n));
    write('proofs/4.json', registration(b, b));
    write('proofs/other.json', { format: 'something else' });
    const first = await follow('one.json', '--trust', at('trust.json'), at('proofs'));
    expect(first.code, first.stderr + first.stdout).toBe(0);
    expect(told(first)).toEqual(['block', 'registration', 'block', 'block']);
    expect(first.json()).toMatchObject({
      ok: true,
      state: at('one.json'),
      newest: { height: '7', trustedSet: formatHex(b, 32) },
      trustedSet: formatHex(b, 32),
    });
    const saved = readFileSync(at('one.json'), 'utf8');
    const again = await follow('one.json', at('proofs'));
    expect(again.code).toBe(0);
    expect(new Set(told(again))).toEqual(new Set(['PROOF_REPLAYED']));
    expect(readFileSync(at('one.json'), 'utf8')).toBe(saved);
    const shown = await cli(['follow', '--state', at('one.json'), '--manifest', at('keys/manifest.json')]);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/height +7/);
  });

  it('default: a registration of the trusted set comes after the blocks of the set before', async () => {
    write('partial.json', formatTrustAnchor({ ...anchor, members: aPartial.members }));
    const documents = [
      write('extend/0-registration.json', registration(partial, a)),
      write('extend/1.json', block(4n, { trustedSet: partial })),
      write('extend/2.json', block(5n)),
    ];
    const result = await follow('extend.json', '--trust', at('partial.json'), ...documents);
    expect(result.code, result.stdout).toBe(0);
    expect(told(result)).toEqual(['block', 'registration', 'block']);
  });

  it('default: sets registered by their members, in the place of proofs', async () => {
    const documents = [
      write('native/1.json', block(4n, { trustedSet: partial })),
      write('native/2.json', block(5n)),
      write('native/3.json', block(6n, { signingSet: b })),
    ];
    const sets = [
      write('set-b.json', formatMembers(B.members)),
      write('set-a.json', formatMembers(anchor.members)),
    ];
    write('partial.json', formatTrustAnchor({ ...anchor, members: aPartial.members }));
    const result = await follow(
      'native.json',
      ...['--trust', at('partial.json'), ...documents, '--validators', ...sets],
    );
    expect(result.code, result.stdout).toBe(0);
    expect(told(result)).toEqual(['block', 'registration', 'block', 'registration', 'block']);
    expect(result.json()).toMatchObject({ trustedSet: formatHex(b, 32) });
    const foreign = B.members.map((member, i) => ({
      ...member,
      publicKey: anchor.members[(i + 1) % 4]!.publicKey,
    }));
    const refused = await follow(
      'native.json',
      '--validators',
      write('foreign.json', formatMembers(foreign)),
    );
    expect(refused.code).not.toBe(0);
    expect(refused.json()).toMatchObject({ ok: false, code: 'MEMBER_KEY_ADDRESS' });
  });

  it('error: refused documents end with 1 and leave the state as it was', async () => {
    await follow('refuse.json', '--trust', at('trust.json'), write('ok.json', block(5n)));
    const saved = readFileSync(at('refuse.json'), 'utf8');
    for (const [document, code] of [
      [block(6n, { signingSet: b }), 'SIGNING_SET_NOT_REGISTERED'],
      [block(6n, { trustedSet: b }), 'TRUSTED_SET_MISMATCH'],
      [{ ...block(6n), chainId: '1' }, 'CHAIN_MISMATCH'],
      [forged(block(6n), 'stateRoot', formatHex(1n, 32)), 'PROOF_INVALID'],
      [{ format: 'zkfinality-trust/1' }, 'FORMAT_UNKNOWN'],
    ] as const) {
      const result = await follow('refuse.json', write('bad.json', document));
      expect(result.code).toBe(1);
      expect(result.json()).toMatchObject({ ok: false, newest: { height: '5' } });
      expect(told(result)).toEqual([code]);
      expect(readFileSync(at('refuse.json'), 'utf8')).toBe(saved);
    }
  });

  it('error: two blocks of one height freeze the client for ever, with both as evidence', async () => {
    const pair = [write('x.json', block(5n)), write('y.json', block(5n, { fork: 1n }))];
    const result = await follow('frozen.json', '--trust', at('trust.json'), ...pair);
    expect(result.code).toBe(1);
    expect(told(result)).toEqual(['block', 'BLOCK_CONFLICT']);
    expect(result.json()).toMatchObject({ ok: false, evidence: [block(5n), block(5n, { fork: 1n })] });
    const later = await follow('frozen.json', write('z.json', block(6n)));
    expect(later.code).toBe(1);
    expect(told(later)).toEqual(['CLIENT_FROZEN']);
    expect((await follow('frozen.json')).code).toBe(1);
  });

  it('error: a trusting period that is over', async () => {
    const period = ['--trusting-period', '60'];
    // From an anchor of no known time no block at all: its set may be of long ago.
    const timeless = await follow(
      'timeless.json',
      '--trust',
      at('trust.json'),
      ...period,
      write('ok.json', block(5n)),
    );
    expect(timeless.code).toBe(2);
    expect(timeless.json()).toMatchObject({ ok: false, code: 'ANCHOR_INCOMPLETE' });
    const now = BigInt(Math.floor(Date.now() / 1000));
    const fresh = write('fresh.json', formatTrustAnchor({ ...anchor, time: now }));
    const first = await follow('late.json', '--trust', fresh, write('now.json', block(5n, { time: now })));
    expect(first.code, first.stdout).toBe(0);
    const old = write('old.json', formatTrustAnchor({ ...anchor, time: now - 61n }));
    for (const [state, trust] of [
      ['late-0.json', old],
      ['late-1.json', fresh],
    ] as const) {
      const result = await follow(
        state,
        '--trust',
        trust,
        ...period,
        write('next.json', block(6n, { time: now })),
      );
      expect([result.code, told(result)]).toEqual(trust === old ? [1, ['ANCHOR_EXPIRED']] : [0, ['block']]);
    }
    // Of a block that was accepted long ago, without a period then.
    await follow('late-2.json', '--trust', at('trust.json'), write('ok.json', block(5n)));
    const late = await follow('late-2.json', ...period, write('next.json', block(6n, { time: now })));
    expect([late.code, told(late)]).toEqual([1, ['ANCHOR_EXPIRED']]);
  });

  it('error: usage ends with 2, bad files with 3, and no state is made', async () => {
    const missing = await follow('never.json', write('ok.json', block(5n)));
    expect(missing.code).toBe(2);
    expect(missing.json()).toMatchObject({ ok: false, code: 'STATE_MISSING' });
    writeFileSync(at('broken.json'), '{');
    const broken = await follow('never.json', '--trust', at('trust.json'), at('broken.json'));
    expect(broken.code).toBe(3);
    expect(broken.json()).toMatchObject({ code: 'JSON_INVALID' });
    expect((await follow('never.json', '--trust', at('trust.json'), at('nothing'))).code).toBe(3);
    expect(existsSync(at('never.json'))).toBe(false);

    await follow('anchored.json', '--trust', at('trust.json'));
    const other = write('other.json', formatTrustAnchor({ ...anchor, headerListAuthenticated: false }));
    const mixed = await follow('anchored.json', '--trust', other);
    expect(mixed.code).toBe(2);
    expect(mixed.json()).toMatchObject({ code: 'STATE_OF_OTHER_ANCHOR' });
    for (const text of ['{', '{}', '{"format": "zkfinality-light-client/2"}']) {
      writeFileSync(at('damaged.json'), text);
      const damaged = await follow('damaged.json');
      expect(damaged.code).toBe(3);
      expect(damaged.json()).toMatchObject({ message: expect.stringContaining(at('damaged.json')) });
      expect(readFileSync(at('damaged.json'), 'utf8')).toBe(text);
    }
  });
});
