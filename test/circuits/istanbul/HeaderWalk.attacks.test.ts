/** What a prover might try with the header: other encodings, bytes put in, positions and outputs of his own. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createIstanbulDevnet } from '../../../src/devnet/istanbul.js';
import { encodeRlp } from '../../../src/ethereum/rlp.js';
import { BN254_R } from '../../../src/math/field.js';
import {
  type ExtraData,
  encodeExtraData,
  type IstanbulVariant,
} from '../../../src/protocols/istanbul/extra-data.js';
import type { IstanbulBlock } from '../../../src/protocols/istanbul/header.js';
import { VARIANT_NUMBERS } from '../../../src/statement/set-commitment.js';
import { compileCircuit, type TestCircuit } from '../../support/circuit.js';
import { withExtra, withField } from '../../support/istanbul.js';
import { outcomeOf } from '../../support/outcome.js';

/** The sizes of the other tests of this template, so that builds are shared. */
const SIZES: Record<IstanbulVariant, { readonly tier: number; readonly maxBytes: number }> = {
  qbft: { tier: 4, maxBytes: 815 },
  ibft1: { tier: 8, maxBytes: 951 },
  ibft2: { tier: 4, maxBytes: 815 },
};
const VARIANTS = ['qbft', 'ibft1', 'ibft2'] as const;
const FIRST_SCALAR = 449;

const circuits = {} as Record<IstanbulVariant, TestCircuit>;

const pad = (values: readonly bigint[], size: number): bigint[] =>
  Array.from({ length: size }, (_, i) => values[i] ?? 0n);

const blockOf = (variant: IstanbulVariant, validators: number): IstanbulBlock =>
  createIstanbulDevnet({ variant, seed: 'attacks', validators, chainId: 1337n, forkFields: 1 }).block(1)
    .block;

/** The header as the walk takes it. */
const headerOf = (block: IstanbulBlock): Uint8Array =>
  block.variant === 'ibft1' ? block.hashPreimage : block.sealPreimage;

const inputOf = (block: IstanbulBlock, header: Uint8Array = headerOf(block)) => {
  const { tier, maxBytes } = SIZES[block.variant];
  return {
    bytes: pad(Array.from(header, BigInt), maxBytes),
    length: BigInt(header.length),
    active: pad(
      block.extra.validators.map(() => 1n),
      tier,
    ),
    identity: pad(block.extra.validators, tier),
  };
};

const walk = (block: IstanbulBlock, header?: Uint8Array): Promise<bigint[]> =>
  circuits[block.variant].witness(inputOf(block, header));

const expectRefused = async (block: IstanbulBlock, header: Uint8Array, what: string): Promise<void> =>
  expect(await outcomeOf(walk(block, header)), what).toBe('CIRCUIT_ASSERTION');

/** Where things stand in a header with an extraData of fewer than 256 bytes. */
const placesOf = (block: IstanbulBlock) => {
  const header = Buffer.from(headerOf(block));
  const vanity = block.variant === 'ibft1' ? 32 : 0;
  const firstItem = vanity === 32 ? header.indexOf(Buffer.alloc(32, 0), 440) : 0;
  let extra = FIRST_SCALAR;
  for (let i = 0; i < 4; i++)
    extra += (header[extra] as number) < 128 ? 1 : 1 + (header[extra] as number) - 128;
  expect(firstItem).toBeGreaterThanOrEqual(0);
  expect(header[extra]).toBe(0xb8);
  const list = extra + 2 + vanity;
  expect(header[list]).toBe(0xf8);
  const validators = list + 2 + (vanity === 0 ? 33 : 0);
  const size = block.extra.validators.length;
  const after = validators + 1 + (size > 2 ? 1 : 0) + 21 * size;
  return { extra, list, validators, after };
};

/** Puts bytes in place of others and adds the difference to lengths: the outer one and those at `lengths`. */
const splice = (
  header: Uint8Array,
  at: number,
  removed: number,
  put: readonly number[],
  lengths: readonly number[],
): Uint8Array => {
  const more = put.length - removed;
  const changed = [...header];
  for (const place of lengths) changed[place] = (changed[place] as number) + more;
  changed.splice(at, removed, ...put);
  const outer = 256 * (changed[1] as number) + (changed[2] as number) + more;
  changed[1] = outer >> 8;
  changed[2] = outer & 255;
  return Uint8Array.from(changed);
};

beforeAll(async () => {
  for (const variant of VARIANTS) {
    const { tier, maxBytes } = SIZES[variant];
    circuits[variant] = await compileCircuit(`pragma circom 2.2.0;
    include "protocols/istanbul/HeaderWalk.circom";
    component main = HeaderWalk(${VARIANT_NUMBERS[variant]}, ${tier}, ${maxBytes});`);
  }
});

describe.each(VARIANTS)('HeaderWalk: %s', (variant) => {
  it('rejects: lengths with a leading zero, of extraData, its list and the validators', async () => {
    const block = blockOf(variant, 3);
    const header = headerOf(block);
    const { extra, list, validators } = placesOf(block);
    const at = (place: number): number => header[place] as number;
    // The outer length and all lengths around the change agree with it: only the form is wrong.
    await expectRefused(block, splice(header, extra, 2, [0xb9, 0, at(extra + 1)], []), 'extraData');
    await expectRefused(block, splice(header, list, 2, [0xf9, 0, at(list + 1)], [extra + 1]), 'list');
    await expectRefused(
      block,
      splice(
        splice(header, list, 2, [0xf9, 0, at(list + 1)], [extra + 1]),
        extra,
        2,
        [0xb9, 0, at(extra + 1) + 1],
        [],
      ),
      'both',
    );
    await expectRefused(
      block,
      splice(header, validators, 2, [0xf9, 0, at(validators + 1)], [extra + 1, list + 1]),
      'validators',
    );
  });

  it('rejects: every prefix on the way altered', async () => {
    const block = blockOf(variant, 3);
    const header = headerOf(block);
    const { extra, list, validators, after } = placesOf(block);
    const end = extra + 2 + (header[extra + 1] as number);
    const fixed = [0, 3, 36, 69, 90, 123, 156, 189, 190, 191, 448];
    const moving = [extra, list, validators, ...[2, 23, 44].map((offset) => validators + offset)];
    const tail = [end, ...Array.from({ length: 32 }, (_, i) => end + 1 + i), end + 33];
    // The end of the list: no seals, or the four bytes of IBFT 2.0's round.
    const last = variant === 'ibft2' ? end - 5 : end - 1;
    const inner = variant === 'ibft1' ? [after, after + 1, last] : [list + 2, after, last];
    for (const place of [...fixed, ...moving, ...inner, ...tail])
      for (const by of [1, 2, 128, 255]) {
        const altered = Uint8Array.from(header);
        altered[place] = (header[place] as number) + by;
        await expectRefused(block, altered, `${place} by ${by}`);
      }
  });

  it('rejects: every prefix of the validators altered, for one to four of them, and other addresses', async () => {
    for (const validators of [1, 2, 3, 4]) {
      const block = blockOf(variant, validators);
      const header = headerOf(block);
      const place = placesOf(block).validators;
      for (const at of validators > 2 ? [place, place + 1, place + 2] : [place, place + 1])
        for (const by of [1, 21, 128, 255]) {
          const altered = Uint8Array.from(header);
          altered[at] = (header[at] as number) + by;
          await expectRefused(block, altered, `${validators}: ${at} by ${by}`);
        }
      const input = inputOf(block);
      for (let i = 0; i < validators; i++) {
        const identity = input.identity.with(i, (input.identity[i] as bigint) + 1n);
        expect(await outcomeOf(circuits[variant].witness({ ...input, identity }))).toBe('CIRCUIT_ASSERTION');
      }
    }
  });

  it('rejects: a length of three bytes, read as twice its low one', async () => {
    const block = blockOf(variant, variant === 'ibft2' ? 3 : 4);
    const header = headerOf(block);
    const { extra, list } = placesOf(block);
    // extraData's prefix 0xba would make its length 2·half, and its payload begin two bytes later.
    const half = (header[extra + 1] as number) / 2;
    expect(Number.isInteger(half)).toBe(true);
    await expectRefused(block, splice(header, extra, 2, [0xba, 0, half, 0], []), 'extraData');
    const inner = (header[list + 1] as number) / 2;
    await expectRefused(block, splice(header, list, 2, [0xfa, 0, inner, 0], [extra + 1]), 'list');
  });

  it('rejects: a byte or an item put in or left out at every item, all lengths in agreement', async () => {
    const block = blockOf(variant, 3);
    const header = headerOf(block);
    const { extra, list, validators, after } = placesOf(block);
    const inside = [extra + 1, list + 1];
    for (const item of [3, 36, 69, 90, 123, 156, 189, 448, 449, 450, 451, extra]) {
      await expectRefused(block, splice(header, item, 0, [0x80], []), `empty item at ${item}`);
      await expectRefused(block, splice(header, item, 1, [], []), `byte left out at ${item}`);
    }
    for (const item of [validators, after]) {
      await expectRefused(block, splice(header, item, 0, [0x80], inside), `empty item at ${item}`);
      await expectRefused(block, splice(header, item, 0, [0xc0], inside), `empty list at ${item}`);
    }
    const end = extra + 2 + (header[extra + 1] as number);
    await expectRefused(block, splice(header, end, 0, [0x80], []), 'before mixHash');
    await expectRefused(block, splice(header, end, 0, [0xc0], inside), 'in the list, at its end');
    await expectRefused(block, splice(header, end, 0, [0xc0], [extra + 1]), 'behind the list');
    await expectRefused(block, splice(header, end - 1, 1, [], inside), 'end left out');
    await expectRefused(block, splice(header, end, 33, [], []), 'no mixHash');
    await expectRefused(block, splice(header, end + 33, 9, [], []), 'no nonce');
  });

  it('rejects: each length one more or one less', async () => {
    const block = blockOf(variant, 3);
    const header = headerOf(block);
    const { extra, list, validators } = placesOf(block);
    for (const place of [2, 190, 191, extra + 1, list + 1, validators + 1])
      for (const by of [1, 255]) {
        const altered = Uint8Array.from(header);
        altered[place] = (header[place] as number) + by;
        await expectRefused(block, altered, `${place} by ${by}`);
      }
    const input = inputOf(block);
    for (const length of [0n, input.length - 1n, input.length + 1n, BN254_R - 1n])
      await expect(circuits[variant].witness({ ...input, length })).rejects.toMatchObject({
        code: 'CIRCUIT_ASSERTION',
      });
  });

  it('rejects: a header that ends within the nonce, accepts one that ends behind it', async () => {
    const block = blockOf(variant, 3);
    const { extra } = placesOf(block);
    const header = headerOf(block);
    const nonce = extra + 2 + (header[extra + 1] as number) + 34;
    const cut = (at: number): Uint8Array => splice(header, at, header.length - at, [], []);
    for (let kept = 0; kept < 8; kept++)
      await expectRefused(block, cut(nonce + kept), `${kept} bytes of the nonce`);
    expect(await outcomeOf(walk(block, cut(nonce + 8)))).toBe('accepted');
  });

  it('rejects: extraData with seals, the header as the chain stores it', async () => {
    const block = blockOf(variant, 3);
    await expectRefused(block, block.rlp, 'with seals');
    if (variant === 'ibft2') await expectRefused(block, block.hashPreimage, 'without round');
  });

  it('rejects: numbers that are not canonical, a timestamp of nine bytes', async () => {
    const block = blockOf(variant, 3);
    const header = headerOf(block);
    // Height 1 is the byte 01; the timestamp's prefix is 84.
    for (const put of [[0], [0x81, 1], [0x82, 0, 1], [0x81, 0], [0xb8, 1, 1]])
      await expectRefused(block, splice(header, FIRST_SCALAR, 1, put, []), `height ${put}`);
    const { extra } = placesOf(block);
    const time = extra - 5;
    expect(header[time]).toBe(0x84);
    const digits = [...header.subarray(time + 1, time + 5)];
    await expectRefused(block, splice(header, time, 5, [0x85, 0, ...digits], []), 'leading zero');
    await expectRefused(block, splice(header, time, 5, [0x89, ...digits, 1, 2, 3, 4, 5], []), 'nine bytes');
  });

  it('accepts: numbers of one to nine bytes, each as long as can be', async () => {
    const block = blockOf(variant, 3);
    const longest = new Uint8Array(8).fill(255);
    const long = ['number', 'gasLimit', 'gasUsed', 'timestamp'].reduce(
      (wide, name) => withField(wide, name, longest),
      block,
    );
    const witness = await walk(long);
    expect(circuits[variant].value(witness, 'main.height')).toBe(2n ** 64n - 1n);
    expect(circuits[variant].value(witness, 'main.time')).toBe(2n ** 64n - 1n);
    const short = ['number', 'gasLimit', 'gasUsed', 'timestamp'].reduce(
      (narrow, name) => withField(narrow, name, new Uint8Array(0)),
      block,
    );
    const other = await walk(short);
    expect(circuits[variant].value(other, 'main.height')).toBe(0n);
    expect(circuits[variant].value(other, 'main.time')).toBe(0n);
  });

  it('rejects: outputs and positions other than those of the walk', async () => {
    const circuit = circuits[variant];
    const witness = await walk(blockOf(variant, 3));
    const value = (name: string): bigint => circuit.value(witness, name);
    for (const name of ['main.height', 'main.time', 'main.extraWide', 'main.listWide', 'main.roundByte'])
      for (const by of [1n, BN254_R - 1n])
        expect(
          circuit.failingRow(circuit.alter(witness, { [name]: (value(name) + by) % BN254_R })),
          name,
        ).toBeDefined();
    // The one moved to each other place, together with nothing else.
    for (const [name, count] of [
      ['extraAt', 33],
      ['listAt', 34],
      ['roundAt', 20],
    ] as const) {
      const from = Array.from({ length: count }, (_, i) => i).find((i) => value(`main.${name}[${i}]`) === 1n);
      for (let to = 0; to < count; to++) {
        if (to === from) continue;
        const changes = {
          ...(from === undefined ? {} : { [`main.${name}[${from}]`]: 0n }),
          [`main.${name}[${to}]`]: 1n,
        };
        expect(circuit.failingRow(circuit.alter(witness, changes)), `${name}[${to}]`).toBeDefined();
      }
    }
  });

  it('rejects: other kinds of messages that validators sign', async () => {
    const block = blockOf(variant, 3);
    const word = new Uint8Array(32).fill(7);
    const header = headerOf(block);
    for (const [what, message] of [
      ['a commit payload', encodeRlp([Uint8Array.of(1), Uint8Array.of(1), word, word])],
      ['a transaction', encodeRlp([Uint8Array.of(9), word, new Uint8Array(20), new Uint8Array(500)])],
      ['a header in a list', encodeRlp([header])],
      ['a string of a header', Uint8Array.from([0xb9, ...header.subarray(1)])],
      ['nothing', new Uint8Array(0)],
    ] as const)
      await expectRefused(block, message, what);
  });
});

describe('HeaderWalk: rounds and votes', () => {
  const changed = (change: Partial<ExtraData>): IstanbulBlock => withExtra(blockOf('qbft', 3), change);

  it('accepts: QBFT rounds 0 to 127, and gives their byte', async () => {
    for (const round of [0, 1, 126, 127]) {
      const witness = await walk(changed({ round }));
      expect(circuits.qbft.value(witness, 'main.roundByte')).toBe(BigInt(round === 0 ? 128 : round));
    }
  });

  it('rejects: QBFT rounds of another form: zero as a byte, 127 behind a prefix, above 127', async () => {
    const block = changed({ round: 127 });
    const header = headerOf(block);
    const { extra, list, after } = placesOf(block);
    expect(header[after + 1]).toBe(127);
    const inside = [extra + 1, list + 1];
    for (const put of [[0], [0x81, 0], [0x81, 127], [0x81, 128], [129], [0x82, 1, 0], [255]])
      await expectRefused(block, splice(header, after + 1, 1, put, inside), `round ${put}`);
    for (const round of [128, 255, 256]) {
      const late = changed({ round });
      await expectRefused(late, headerOf(late), `round ${round}`);
    }
  });

  it('rejects: votes of another form', async () => {
    for (const variant of ['qbft', 'ibft2'] as const) {
      const plain = blockOf(variant, 3);
      for (const add of [true, false]) {
        const block = withExtra(plain, { vote: { recipient: 5n, add } });
        await expect(walk(block)).resolves.toBeDefined();
        const { after } = placesOf(block);
        const header = headerOf(block);
        for (const prefix of [0x80, 0xc0, 0xc1, 0xd5, 0xd8, 0x96, header[after] === 0xd6 ? 0xd7 : 0xd6]) {
          const altered = Uint8Array.from(header);
          altered[after] = prefix;
          await expectRefused(block, altered, `${variant} prefix ${prefix}`);
        }
      }
      const { after, extra, list } = placesOf(plain);
      for (const none of variant === 'qbft' ? [0x80, 0] : [0xc0, 0])
        await expectRefused(
          plain,
          splice(headerOf(plain), after, 1, [none], [extra + 1, list + 1]),
          `${variant} none as ${none}`,
        );
    }
  });
});

describe('DigestsIbft2', () => {
  it('behavior: leaving the round out changes no length prefix of extraData, whatever the set and the vote', () => {
    const [plain] = [blockOf('ibft2', 1)];
    for (let validators = 1; validators <= 64; validators++)
      for (const vote of [undefined, { recipient: 5n, add: true }, { recipient: 5n, add: false }]) {
        const extra: ExtraData = {
          ...plain.extra,
          validators: Array.from({ length: validators }, (_, i) => BigInt(i + 1)),
          ...(vote === undefined ? {} : { vote }),
        };
        const [sealed, hashed] = (['sealed', 'hashed'] as const).map((form) =>
          encodeExtraData(extra, form),
        ) as [Uint8Array, Uint8Array];
        expect(sealed.length - hashed.length).toBe(5);
        expect([hashed[0], encodeRlp(hashed)[0]], `${validators}`).toEqual([sealed[0], encodeRlp(sealed)[0]]);
      }
  });
});
