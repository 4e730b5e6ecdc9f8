import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import { encodeRlp, type RlpValue, scalarToBytes } from '../../src/ethereum/rlp.js';
import { buildTrie, readTrieValue, verifyTrieProof } from '../../src/ethereum/trie.js';
import { parse } from '../../src/protocols/istanbul/parse.js';
import { fixturesAvailable, fixtureText } from '../support/fixtures.js';
import { codeOf } from '../support/istanbul.js';
import { runs, seededBytes } from '../support/runs.js';

const text = utf8ToBytes;
const hash = keccak_256;
type Entries = (readonly [Uint8Array, Uint8Array])[];

/** The trie of the example in Ethereum's documentation of Patricia tries: one key is the beginning of others. */
const dogs = buildTrie([
  [text('do'), text('verb')],
  [text('dog'), text('puppy')],
  [text('doge'), text('coin')],
  [text('horse'), text('stallion')],
]);

/** Root and proof of a single crafted node, or of several of which each is named by the one before. */
const codeOfNodes = (key: Uint8Array, ...nodes: readonly Uint8Array[]): string | undefined =>
  codeOf(() => readTrieValue(hash(nodes[0]!), key, nodes));
const leaf = (path: string, value: Uint8Array = text('value')): RlpValue[] => [hexToBytes(path), value];
const none = new Uint8Array(0);
/** A branch with these entries, 16 the value. */
const branch = (entries: { readonly [index: number]: RlpValue }): RlpValue[] =>
  Array.from({ length: 17 }, (_, i) => entries[i] ?? none);

describe('buildTrie', () => {
  it('default: the root of an empty trie is that of every empty block', () => {
    expect(bytesToHex(buildTrie([]).root)).toBe(
      '56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421',
    );
  });

  it('default: the published trie of do, dog, doge and horse', () => {
    expect(bytesToHex(dogs.root)).toBe('5991bb8c6514148a29db676a14ac506cd2cd5775ace63c30a4fe457715e9ac84');
  });

  it.skipIf(!fixturesAvailable)('default: the state root of a recorded genesis block', () => {
    const { alloc } = JSON.parse(fixtureText('istanbul/goquorum-ibft1-genesis.json')) as {
      alloc: { [address: string]: { balance: string } };
    };
    const account = ({ balance }: { balance: string }): Uint8Array =>
      encodeRlp([none, scalarToBytes(BigInt(balance)), buildTrie([]).root, hash(none)]);
    const accounts: Entries = Object.entries(alloc).map(([address, state]) => [
      hash(hexToBytes(address.slice(2))),
      account(state),
    ]);
    expect(accounts.length).toBeGreaterThan(3);
    const trie = buildTrie(accounts);
    const [genesis] = fixtureText('istanbul/goquorum-ibft1-blocks-0-60.hex').trim().split(/\s+/);
    const { stateRoot } = parse(genesis!);
    expect(bytesToHex(trie.root)).toBe(bytesToHex(stateRoot));
    for (const [key, value] of accounts)
      expect(verifyTrieProof({ root: stateRoot, key, nodes: trie.prove(key) })).toEqual({ ok: true, value });
    const stranger = hash(new Uint8Array(20));
    expect(verifyTrieProof({ root: stateRoot, key: stranger, nodes: trie.prove(stranger) })).toMatchObject({
      ok: false,
      code: 'TRIE_KEY_ABSENT',
    });
  });

  it('error: a key twice, an empty value', () => {
    expect(() => buildTrie([[none, none]])).toThrow(RangeError);
    const entry = [text('a'), text('b')] as const;
    expect(() => buildTrie([entry, entry])).toThrow(RangeError);
  });
});

describe('readTrieValue', () => {
  it('default: values in branches, behind extensions, in embedded nodes', () => {
    for (const [key, value] of Object.entries({ do: 'verb', dog: 'puppy', doge: 'coin', horse: 'stallion' }))
      expect(readTrieValue(dogs.root, text(key), dogs.prove(text(key)))).toEqual(text(value));
  });

  it('behavior: random tries, every key with its proof; absent keys and foreign proofs are refused', () => {
    const random = seededBytes(11);
    for (let run = 0; run < runs(60, 1_000); run++) {
      const entries = new Map<string, Uint8Array>();
      const count = 1 + (random(1)[0]! % 40);
      // Few distinct bytes, so that keys share beginnings and some are the beginning of others.
      const makeKey = (): Uint8Array => random(1 + (random(1)[0]! % 4)).map((byte) => byte % 3);
      for (let i = 0; i < count; i++) entries.set(bytesToHex(makeKey()), random(1 + (random(1)[0]! % 50)));
      const trie = buildTrie([...entries].map(([key, value]) => [hexToBytes(key), value]));
      for (const [hex, value] of entries) {
        const key = hexToBytes(hex);
        expect(readTrieValue(trie.root, key, trie.prove(key))).toEqual(value);
      }
      for (let i = 0; i < 10; i++) {
        const key = makeKey();
        if (entries.has(bytesToHex(key))) continue;
        expect(codeOf(() => readTrieValue(trie.root, key, trie.prove(key)))).toBe('TRIE_KEY_ABSENT');
      }
    }
  });

  it('error: no proof shows another value than the trie has', () => {
    const random = seededBytes(12);
    const entries: Entries = Array.from({ length: 200 }, (_, i) => [
      encodeRlp(scalarToBytes(BigInt(i))),
      random(1 + (i % 90)),
    ]);
    const trie = buildTrie(entries);
    const proofs = entries.map(([key]) => trie.prove(key));
    const seen = new Set<string>();
    for (let run = 0; run < runs(2_000, 50_000); run++) {
      const pick = (bound: number): number => (random(1)[0]! * 256 + random(1)[0]!) % bound;
      const [key, value] = entries[pick(entries.length)]!;
      // Nodes of any proofs, one of them perhaps altered.
      const nodes = proofs[pick(proofs.length)]!.map((node) => node.slice());
      const victim = nodes[pick(nodes.length)]!;
      if (pick(2) === 0) victim[pick(victim.length)]! ^= 1 << pick(8);
      const result = verifyTrieProof({ root: trie.root, key, nodes });
      if (result.ok) expect(result.value).toEqual(value);
      else seen.add(result.code);
    }
    expect([...seen].sort()).toEqual(expect.arrayContaining(['TRIE_NODE_HASH', 'TRIE_NODE_MISSING']));
  });

  it('error: another root, missing, altered, exchanged, repeated and further nodes', () => {
    const key = text('doge');
    const nodes = dogs.prove(key);
    expect(nodes.length).toBeGreaterThan(2);
    const code = (other: readonly Uint8Array[], root = dogs.root): string | undefined =>
      codeOf(() => readTrieValue(root, key, other));
    expect(code(nodes)).toBeUndefined();
    expect(code(nodes, hash(none))).toBe('TRIE_NODE_HASH');
    expect(code(nodes, dogs.root.slice(0, 31))).toBe('TRIE_NODE_HASH');
    expect(code(nodes, none)).toBe('TRIE_NODE_HASH');
    for (let cut = 0; cut < nodes.length; cut++) {
      expect(code(nodes.slice(0, cut))).toBe('TRIE_NODE_MISSING');
      const node = nodes[cut]!;
      expect(code(nodes.with(cut, node.slice(0, -1)))).toBe('TRIE_NODE_HASH');
      expect(code(nodes.with(cut, concatBytes(node, Uint8Array.of(0))))).toBe('TRIE_NODE_HASH');
      for (let bit = 0; bit < 8 * node.length; bit++) {
        const altered = node.slice();
        altered[bit >> 3]! ^= 1 << (bit & 7);
        expect(code(nodes.with(cut, altered))).toBe('TRIE_NODE_HASH');
      }
    }
    expect(code(nodes.toReversed())).toBe('TRIE_NODE_HASH');
    expect(code([nodes[0]!, ...nodes])).toBe('TRIE_NODE_HASH');
    expect(code([...nodes, nodes.at(-1)!])).toBe('TRIE_NODES_UNUSED');
    expect(code([...nodes, none])).toBe('TRIE_NODES_UNUSED');
  });

  it('error: keys that end early, go on, or belong to another value', () => {
    const code = (key: string, proofOf = key): string | undefined =>
      codeOf(() => readTrieValue(dogs.root, text(key), dogs.prove(text(proofOf))));
    for (const key of ['', 'd', 'dogs', 'doges', 'dogee', 'cat', 'hors', 'horses'])
      expect([key, code(key)]).toEqual([key, 'TRIE_KEY_ABSENT']);
    expect(code('dog', 'horse')).toMatch(/^TRIE_NODE_(MISSING|HASH)$/);
    expect(code('horse', 'doge')).toMatch(/^TRIE_(NODE_HASH|NODES_UNUSED)$/);
    const empty = buildTrie([]);
    expect(codeOf(() => readTrieValue(empty.root, text('a'), empty.prove(text('a'))))).toBe(
      'TRIE_KEY_ABSENT',
    );
  });

  const key = hexToBytes('12');
  const long = (byte: number): Uint8Array => new Uint8Array(40).fill(byte);
  it.each<[string, string | undefined, RlpValue]>([
    ['a leaf, to begin with', undefined, leaf('2012')],
    ['a branch with two leaves, embedded', undefined, branch({ 1: leaf('32'), 2: leaf('32') })],
    ['a leaf with a filling of its own', 'TRIE_NODE_SHAPE', leaf('2f12')],
    ['a leaf with an unknown flag', 'TRIE_NODE_SHAPE', leaf('4012')],
    ['a leaf without a flag', 'TRIE_NODE_SHAPE', leaf('')],
    ['a leaf without a value', 'TRIE_NODE_SHAPE', leaf('2012', none)],
    ['a list in place of the value', 'TRIE_NODE_SHAPE', [hexToBytes('2012'), [text('value')]]],
    ['a list in place of the path', 'TRIE_NODE_SHAPE', [[hexToBytes('2012')], text('value')]],
    ['a string', 'TRIE_NODE_SHAPE', text('value')],
    ['an empty list', 'TRIE_NODE_SHAPE', []],
    ['three items', 'TRIE_NODE_SHAPE', [...leaf('2012'), none]],
    ['eighteen items', 'TRIE_NODE_SHAPE', [...branch({ 1: leaf('32'), 2: leaf('32') }), none]],
    ['a branch with one child', 'TRIE_NODE_SHAPE', branch({ 1: leaf('32') })],
    ['a branch with a value alone', 'TRIE_NODE_SHAPE', branch({ 16: text('value') })],
    ['an embedded node of 32 bytes', 'TRIE_NODE_SHAPE', branch({ 1: leaf('32', long(1)), 2: leaf('32') })],
    ['a child of 31 bytes', 'TRIE_NODE_SHAPE', branch({ 1: long(1).slice(0, 31), 2: leaf('32') })],
    ['a child of 33 bytes', 'TRIE_NODE_SHAPE', branch({ 1: long(1).slice(0, 33), 2: leaf('32') })],
    ['a damaged child beside the path', 'TRIE_NODE_SHAPE', branch({ 1: leaf('32'), 9: long(1) })],
    ['a list as the value of a branch', 'TRIE_NODE_SHAPE', branch({ 1: leaf('32'), 16: [none] })],
    ['an extension without a path', 'TRIE_NODE_SHAPE', [hexToBytes('00'), branch({ 1: leaf('32') })]],
    ['an extension without a child', 'TRIE_NODE_SHAPE', [hexToBytes('11'), none]],
    ['an extension to a leaf', 'TRIE_NODE_SHAPE', [hexToBytes('11'), leaf('32')]],
    [
      'an extension to an extension',
      'TRIE_NODE_SHAPE',
      [hexToBytes('11'), [hexToBytes('12'), long(1).slice(0, 32)]],
    ],
    ['a leaf of another key', 'TRIE_KEY_ABSENT', leaf('2013')],
    ['a leaf of a longer key', 'TRIE_KEY_ABSENT', leaf('201200')],
    ['a leaf of a shorter key', 'TRIE_KEY_ABSENT', leaf('31')],
    ['a branch without the child', 'TRIE_KEY_ABSENT', branch({ 0: leaf('32'), 2: leaf('32') })],
    ['a node that is not given', 'TRIE_NODE_MISSING', branch({ 1: hash(none), 2: leaf('32') })],
  ])('error: %s gives %s', (_, code, node) => {
    expect(codeOfNodes(key, encodeRlp(node))).toBe(code);
  });

  it('error: a short node that is named by its hash, RLP in another form, bytes behind it', () => {
    const short = encodeRlp(leaf('32'));
    const parent = encodeRlp(branch({ 1: hash(short), 2: leaf('32') }));
    expect(codeOfNodes(key, parent, short)).toBe('TRIE_NODE_SHAPE');
    const node = encodeRlp(leaf('2012'));
    expect(codeOfNodes(key, node)).toBeUndefined();
    expect(codeOfNodes(key, concatBytes(node, Uint8Array.of(0x80)))).toBe('RLP_TRAILING_BYTES');
    expect(codeOfNodes(key, hexToBytes('f80a8220128576616c7565'))).toBe('RLP_NON_CANONICAL');
    expect(codeOfNodes(key, hexToBytes('c98220128181'))).toMatch(/^RLP_/);
    expect(codeOfNodes(key, hexToBytes('c5822012817f'))).toBe('RLP_NON_CANONICAL');
    expect(codeOfNodes(key, none)).toBe('RLP_TRUNCATED');
  });

  it('error: a proof that the key is absent is never taken for one that it is there', () => {
    const absent = text('dogma');
    const nodes = dogs.prove(absent);
    expect(codeOf(() => readTrieValue(dogs.root, absent, nodes))).toBe('TRIE_KEY_ABSENT');
    // An embedded empty string is nothing, whatever the path does after it.
    const node = encodeRlp(branch({ 2: leaf('32'), 3: leaf('32') }));
    expect(codeOfNodes(hexToBytes('1234'), node)).toBe('TRIE_KEY_ABSENT');
  });
});
