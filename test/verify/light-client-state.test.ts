/** The state of a light client: saved before it is told, read strictly, never going back. */
import { describe, expect, it } from 'vitest';
import { formatHex } from '../../src/statement/json.js';
import { LightClient, memoryStorage, type StateStorage, webStorage } from '../../src/verify/index.js';
import { parseState } from '../../src/verify/light-client-state.js';
import { runs, seededBytes, seededInteger } from '../support/runs.js';
import {
  anchor,
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
} from './light-client-support.js';
import { mutate } from './mutate.js';
import type { Json } from './support.js';

const { a, b, c } = COMMITMENTS;

/** A client with something in every part of its state. */
async function wellUsed(): Promise<LightClient> {
  const client = await open();
  for (const document of [block(4n), registration(b, b), block(5n, { signingSet: b })])
    await client.update(document);
  await client.update(block(4n, { fork: 1n }));
  return client;
}

const openText = (text: string, more: object = {}): Promise<LightClient> =>
  LightClient.open({ ...keys, storage: memoryStorage(text), ...more });

async function codeOf(text: string): Promise<string> {
  try {
    await openText(text);
    return 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('the state of a LightClient', () => {
  it('default: what is exported is what an import goes on from', async () => {
    const client = await wellUsed();
    const copy = await openText(client.export(), { anchor });
    expect(copy.export()).toBe(client.export());
    expect(copy.state).toEqual(client.state);
    const json = JSON.parse(client.export()) as Json;
    expect(Object.keys(json)).toEqual([
      'format',
      'anchor',
      'trustedSet',
      'registeredSets',
      'accepted',
      'conflict',
    ]);
  });

  it('error: neither a state nor an anchor; the state of another anchor', async () => {
    await expect(LightClient.open({ ...keys, storage: memoryStorage() })).rejects.toMatchObject({
      code: 'STATE_MISSING',
    });
    const text = (await open()).export();
    for (const other of [committeeAnchor, { ...anchor, height: 1n }, { ...anchor, chainId: 7n }])
      await expect(openText(text, { anchor: other })).rejects.toMatchObject({
        code: 'STATE_OF_OTHER_ANCHOR',
      });
  });

  it('error: no manifest', async () => {
    const client = await LightClient.open({
      storage: memoryStorage(),
      anchor,
      verificationKeys: keys.verificationKeys,
    });
    await expect(client.update(block(5n))).rejects.toMatchObject({ code: 'MANIFEST_MISSING' });
  });

  it('error: documents that are not whole, have more than they should, or contradict themselves', async () => {
    const json = JSON.parse((await wellUsed()).export()) as Json;
    const text = (changes: object): string => JSON.stringify({ ...json, ...changes });
    const accepted = json.accepted as readonly Json[];
    expect(await codeOf(text({}))).toBe('ok');
    for (const field of ['format', 'anchor', 'trustedSet', 'registeredSets', 'accepted']) {
      const { [field]: _, ...without } = json;
      expect(await codeOf(JSON.stringify(without))).toBe('FIELD_MISSING');
      expect(await codeOf(text({ [field]: 7 }))).toBe('FIELD_TYPE');
    }
    const cases: readonly [string, string][] = [
      ['', 'JSON_INVALID'],
      [text({}).slice(0, -1), 'JSON_INVALID'],
      ['null', 'FIELD_TYPE'],
      ['[]', 'FIELD_TYPE'],
      [text({ more: 1 }), 'FIELD_UNKNOWN'],
      [text({ format: 'zkfinality-light-client/2' }), 'FORMAT_UNKNOWN'],
      [text({ trustedSet: formatHex(2n ** 255n, 32) }), 'NUMBER_RANGE'],
      [text({ registeredSets: ['7'] }), 'NUMBER_FORMAT'],
      [text({ registeredSets: Array(17).fill(formatHex(1n, 32)) }), 'STATE_INCONSISTENT'],
      [text({ accepted: accepted.toReversed() }), 'STATE_INCONSISTENT'],
      [text({ accepted: [accepted[0], accepted[0]] }), 'STATE_INCONSISTENT'],
      [text({ accepted: Array(9).fill(accepted[0]) }), 'STATE_INCONSISTENT'],
      [text({ accepted: [forged(accepted[0]!, 'time', '9999999999'), accepted[1]] }), 'STATE_INCONSISTENT'],
      [text({ accepted: [{ ...accepted[0], chainId: '1' }, accepted[1]] }), 'STATE_INCONSISTENT'],
      [text({ accepted: [] }), 'STATE_INCONSISTENT'],
      [text({ conflict: accepted[0] }), 'STATE_INCONSISTENT'],
      [text({ conflict: block(6n) }), 'STATE_INCONSISTENT'],
      [text({ anchor: { ...(json.anchor as Json), height: '5' } }), 'STATE_INCONSISTENT'],
      [text({ anchor: { ...(json.anchor as Json), chainId: '1' } }), 'STATE_INCONSISTENT'],
    ];
    for (const [damaged, code] of cases) expect([code, await codeOf(damaged)]).toEqual([code, code]);
    const committee = await open(committeeAnchor);
    const announced = JSON.parse(committee.export()) as Json;
    expect(await codeOf(JSON.stringify({ ...announced, trustedSet: formatHex(77n, 32) }))).toBe(
      'STATE_INCONSISTENT',
    );
  });

  it('error: damaged at random: a coded error, or a state that is written back as it was read', async () => {
    const json = JSON.parse((await wellUsed()).export()) as Json;
    const random = seededBytes(77);
    for (let i = 0; i < runs(60, 5_000); i++) {
      const text = JSON.stringify(mutate(json, random), (_, value: unknown) =>
        typeof value === 'bigint' ? value.toString() : value,
      );
      try {
        const client = await openText(text);
        expect(parseState(client.export())).toEqual(client.state);
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^[A-Z][A-Z_]+$/) });
      }
    }
    // Cut anywhere, it is no JSON.
    const whole = JSON.stringify(json);
    for (let i = 0; i < 50; i++) {
      const length = Number(seededInteger(random, BigInt(whole.length)));
      expect(await codeOf(whole.slice(0, length))).toBe('JSON_INVALID');
    }
  });
});

describe('storage', () => {
  it('default: localStorage', async () => {
    const entries = new Map<string, string>();
    const area = {
      getItem: (key: string) => entries.get(key) ?? null,
      setItem: (key: string, text: string) => void entries.set(key, text),
    };
    const client = await open(anchor, { storage: webStorage(area, 'chain') });
    await client.update(block(5n));
    expect([...entries]).toEqual([['chain', client.export()]]);
    // Another tab.
    const tab = await LightClient.open({ ...keys, storage: webStorage(area, 'chain') });
    expect(await verdict(tab, block(6n))).toBe('ok');
    await expect(client.update(block(7n))).rejects.toMatchObject({ code: 'STATE_CHANGED' });
    expect(await verdict(client, block(7n))).toBe('ok');
    expect(client.state.accepted.map((proof) => proof.statement.height)).toEqual([5n, 6n, 7n]);
  });

  it('behavior: nothing is told to be accepted that was not saved; refusals save nothing', async () => {
    const saved: string[] = [];
    const inner = memoryStorage();
    const storage: StateStorage = {
      load: inner.load,
      save: async (text, previous) => {
        await inner.save(text, previous);
        saved.push(text);
      },
    };
    const client = await open(anchor, { storage });
    expect(saved).toEqual([client.export()]);
    await client.update(block(5n));
    expect(saved.at(-1)).toBe(client.export());
    for (const document of [block(5n), block(4n), null, forged(block(6n), 'height', '7')])
      await client.update(document);
    expect(saved.length).toBe(2);
  });

  it('error: a save that fails, before or after it wrote: the storage decides', async () => {
    for (const wrote of [false, true]) {
      const inner = memoryStorage();
      let fail = false;
      const storage: StateStorage = {
        load: inner.load,
        save: async (text, previous) => {
          if (!fail || wrote) await inner.save(text, previous);
          if (fail) throw new Error('the disk is full');
        },
      };
      const client = await open(anchor, { storage });
      fail = true;
      await expect(client.update(block(5n))).rejects.toThrow('the disk is full');
      expect(client.newest).toBeUndefined();
      fail = false;
      expect(await verdict(client, block(5n))).toBe(wrote ? 'PROOF_REPLAYED unchecked' : 'ok');
      expect(client.newest).toEqual(statement(5n));
      expect(await inner.load()).toBe(client.export());
    }
  });

  it('behavior: calls at the same time are answered one after the other, in their order', async () => {
    let running = 0;
    const inner = memoryStorage();
    const storage: StateStorage = {
      load: inner.load,
      save: async (text, previous) => {
        expect(++running).toBe(1);
        await new Promise((wake) => setTimeout(wake, 5));
        await inner.save(text, previous);
        running--;
      },
    };
    const client = await open(anchor, { storage });
    const heights = [5n, 7n, 6n, 8n, 8n];
    const results = await Promise.all(heights.map((height) => verdict(client, block(height))));
    expect(results).toEqual(['ok', 'ok', 'HEIGHT_WENT_BACK unchecked', 'ok', 'PROOF_REPLAYED unchecked']);
    expect(await inner.load()).toBe(client.export());
  });
});

describe('any sequence of documents', () => {
  /** Valid, stale, foreign, forged, conflicting. Sets change a → b → c and back. */
  const documents: readonly unknown[] = [
    ...[2n, 3n, 4n, 5n, 6n, 7n, 8n].flatMap((height) => [
      block(height),
      block(height, { trustedSet: b }),
      forged(block(height), 'blockHash', formatHex(height, 32)),
    ]),
    ...[4n, 6n].map((height) => block(height, { signingSet: b })),
    block(7n, { trustedSet: b, signingSet: a }),
    block(7n, { trustedSet: b, signingSet: c }),
    registration(b, b),
    registration(c, c),
    { ...registration(c, c), oldSet: formatHex(a, 32) },
    block(5n, { time: 1n }),
    { ...block(8n), chainId: '7' },
    null,
  ];
  const conflicting = [block(5n, { fork: 1n }), block(6n, { trustedSet: b, fork: 1n })];

  it('behavior: never moves back, whatever comes, and a crash between any two steps leaves a usable state', async () => {
    const random = seededBytes(4242);
    const below = (bound: number): number => Number(seededInteger(random, BigInt(bound)));
    let conflicts = 0;
    let moves = 0;
    for (let run = 0; run < runs(6, 300); run++) {
      const storage = memoryStorage();
      let client = await open(anchor, { storage });
      const pool = run % 2 === 0 ? documents : [...documents, ...conflicting, ...conflicting];
      for (let step = 0; step < 40; step++) {
        const before = client.state;
        const newest = client.newest;
        const result = await client.update(pool[below(pool.length)]);
        const after = client.state;
        // Trust moves with an accepted document only, and only to what that document says.
        if (result.ok) expect(after.trustedSet).toBe(result.trustedSet);
        else expect(after.trustedSet).toBe(before.trustedSet);
        if (result.ok && result.kind === 'block') {
          moves++;
          expect(result.statement.trustedSet).toBe(before.trustedSet);
          expect(result.statement.height > (newest?.height ?? -1n)).toBe(true);
          expect(result.statement.time >= (newest?.time ?? 0n)).toBe(true);
          expect(client.newest).toEqual(result.statement);
        } else expect(client.newest).toEqual(newest);
        if (before.conflict !== undefined) expect(after).toBe(before);
        else if (after.conflict !== undefined) {
          conflicts++;
          expect(result).toMatchObject({ code: 'BLOCK_CONFLICT', proof: 'valid' });
        }
        // The process dies here and another opens what it left.
        if (below(4) === 0) {
          client = await LightClient.open({ ...keys, storage });
          expect(client.state).toEqual(after);
        }
      }
    }
    expect(moves).toBeGreaterThan(10);
    expect(conflicts).toBeGreaterThan(0);
  });

  it('behavior: a crash before or after the save leaves the state before or after the step', async () => {
    const honest = [
      block(4n),
      registration(b, b),
      block(5n, { signingSet: b }),
      block(6n, { trustedSet: b }),
    ];
    for (const afterSave of [false, true]) {
      const storage = memoryStorage();
      let client = await open(anchor, { storage });
      for (const document of honest) {
        const before = await storage.load();
        const dying: StateStorage = {
          load: storage.load,
          save: async (text, previous) => {
            if (afterSave) await storage.save(text, previous);
            throw new Error('killed');
          },
        };
        const victim = await LightClient.open({ ...keys, storage: dying });
        await expect(victim.update(document)).rejects.toThrow('killed');
        expect((await storage.load()) === before).toBe(!afterSave);
        client = await LightClient.open({ ...keys, storage });
        await client.update(document);
      }
      expect(client.newest).toEqual(statement(6n, { trustedSet: b }));
      expect(client.newest!.time).toBe(START + 6n);
    }
  });
});
