/**
 * Merkle-Patricia tries: checks that a key has a value under a root, and builds tries with their proofs.
 *
 * Source: Ethereum yellow paper, appendix C (hex-prefix encoding) and appendix D (modified Merkle Patricia tree). A node is
 *
 *     branch      [child 0, …, child 15, value]       a child is '' where there is none
 *     extension   [prefix(path, 0), child]            path not empty, the child is a branch
 *     leaf        [prefix(rest of the path, 1), value]
 *
 * and stands in its parent as itself where its RLP is shorter than 32 bytes, as the Keccak-256 hash of its RLP otherwise; the root is always a hash.
 *
 * The reader takes nothing on trust: each node is the preimage of the hash that names it, canonical RLP and of one of the three shapes in the one
 * form that builders give it; the nodes are those of the key's path from the root and no others. A proof that the key is absent is refused.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { FileError, ZkFinalityError } from '../statement/errors.js';
import { decodeRlp, encodeRlp, type RlpItem, type RlpValue } from './rlp.js';

/** Largest trie node that is read: a leaf with a large receipt. */
export const MAX_NODE_BYTES = 1 << 22;
/** Most items of one node, embedded nodes counted. */
const MAX_NODE_ITEMS = 1024;
const HASH_BYTES = 32;
const BRANCHES = 16;

type Reference =
  | { readonly kind: 'none' }
  | { readonly kind: 'hash'; readonly hash: Uint8Array }
  | { readonly kind: 'embedded'; readonly node: RlpItem };

type TrieNode =
  | { readonly kind: 'branch'; readonly children: readonly Reference[]; readonly value: Uint8Array }
  | { readonly kind: 'extension'; readonly path: readonly number[]; readonly child: Reference }
  | { readonly kind: 'leaf'; readonly path: readonly number[]; readonly value: Uint8Array };

/** A key and the nodes that lead to its value. */
export type TrieProof = {
  /** 32 bytes, from a header that is known to be final. */
  readonly root: Uint8Array;
  /** Whole bytes; where a trie hashes its keys (state, storage) the hash. */
  readonly key: Uint8Array;
  /** RLP of the nodes from the root down, embedded ones left out: exactly those that the path takes. */
  readonly nodes: readonly Uint8Array[];
};

export type TrieResult =
  | { readonly ok: true; readonly value: Uint8Array }
  | { readonly ok: false; readonly code: string; readonly message: string };

/**
 * Checks that a key has a value in a trie: of receipts, state or storage.
 *
 * Cost: one hash a node.
 * @returns The value, not empty, or the first failed check: `TRIE_NODE_MISSING`, `TRIE_NODE_HASH`, `TRIE_NODE_SHAPE`, `TRIE_KEY_ABSENT`, `TRIE_NODES_UNUSED`, and
 *   codes of the RLP decoder. A proof that the key is absent is refused.
 * @example
 * ```ts
 * import { buildTrie, verifyTrieProof } from 'zkfinality/verify/inclusion';
 *
 * const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
 * const { root, prove } = buildTrie([[bytes('dog'), bytes('puppy')], [bytes('horse'), bytes('stallion')]]);
 * const result = verifyTrieProof({ root, key: bytes('dog'), nodes: prove(bytes('dog')) });
 * console.log(result.ok && new TextDecoder().decode(result.value)); // puppy
 * const absent = verifyTrieProof({ root, key: bytes('cat'), nodes: prove(bytes('cat')) });
 * console.log(absent.ok || absent.code); // TRIE_KEY_ABSENT
 * ```
 */
export function verifyTrieProof({ root, key, nodes }: TrieProof): TrieResult {
  try {
    return { ok: true, value: readTrieValue(root, key, nodes) };
  } catch (error) {
    if (error instanceof ZkFinalityError) return { ok: false, code: error.code, message: error.message };
    throw error;
  }
}

/**
 * Reads the value of a key from the nodes on its path.
 *
 * Cost: one hash a node.
 * @param root,key,nodes - As {@link TrieProof} has them.
 * @returns The value, not empty; a view on the last node.
 * @throws {FileError} `TRIE_NODE_MISSING`, `TRIE_NODE_HASH`, `TRIE_NODE_SHAPE`, `TRIE_KEY_ABSENT`, `TRIE_NODES_UNUSED`, and codes of the RLP decoder.
 */
export function readTrieValue(root: Uint8Array, key: Uint8Array, nodes: readonly Uint8Array[]): Uint8Array {
  const path = nibblesOf(key);
  let used = 0;
  let taken = 0;
  let reference: Reference = { kind: 'hash', hash: root };
  let branchDue = false;
  for (;;) {
    if (reference.kind === 'none') throw absent();
    const node: TrieNode =
      reference.kind === 'embedded'
        ? readNode(reference.node, used)
        : readNode(readHashed(nodes, used, reference.hash), ++used);
    if (branchDue && node.kind !== 'branch') throw badShape(used, 'the child of an extension is a branch');
    branchDue = false;
    if (node.kind === 'branch' && taken < path.length) {
      reference = node.children[path[taken++]!]!;
      continue;
    }
    if (node.kind === 'extension') {
      if (!node.path.every((nibble, i) => nibble === path[taken + i])) throw absent();
      taken += node.path.length;
      reference = node.child;
      branchDue = true;
      continue;
    }
    const isHere =
      node.kind === 'branch'
        ? node.value.length > 0
        : node.path.length === path.length - taken &&
          node.path.every((nibble, i) => nibble === path[taken + i]);
    if (!isHere) throw absent();
    if (used !== nodes.length)
      throw new FileError(
        'TRIE_NODES_UNUSED',
        `trie proof: the value is in node ${used - 1}, but ${nodes.length - used} more follow. Give the nodes of the path and no others.`,
      );
    return node.value;
  }
}

/** A trie of known entries. */
export type Trie = {
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** The nodes of a key's path as {@link verifyTrieProof} takes them; where the key is absent, those that show it. */
  readonly prove: (key: Uint8Array) => readonly Uint8Array[];
};

/**
 * Builds a trie.
 *
 * Cost: one hash a node.
 * @param entries - Keys, each once, with values that are not empty.
 * @throws {RangeError} A key that occurs twice, an empty value: mistakes of the caller.
 * @example
 * ```ts
 * import { buildTrie } from 'zkfinality/verify/inclusion';
 *
 * const { root, prove } = buildTrie([[Uint8Array.of(1), Uint8Array.of(7)]]);
 * console.log(root.length, prove(Uint8Array.of(1)).length); // 32 1
 * ```
 */
export function buildTrie(entries: readonly (readonly [key: Uint8Array, value: Uint8Array])[]): Trie {
  const all = entries.map(([key, value]) => ({ path: nibblesOf(key), value }));
  if (all.some(({ value }) => value.length === 0)) throw new RangeError('a trie keeps no empty values');
  if (new Set(all.map(({ path }) => path.join())).size !== all.length)
    throw new RangeError('a key occurs twice');
  const top: Built =
    all.length === 0
      ? { encoded: encodeRlp(EMPTY), reference: EMPTY, below: () => undefined }
      : makeNode(all, 0);
  return {
    root: keccak_256(top.encoded),
    prove: (key) => {
      const path = nibblesOf(key);
      const nodes = [top.encoded];
      for (let step = top.below(path, 0); step !== undefined; step = step.node.below(path, step.at))
        if (step.node.encoded.length >= HASH_BYTES) nodes.push(step.node.encoded);
      return nodes;
    },
  };
}

type Entry = { readonly path: readonly number[]; readonly value: Uint8Array };

type Built = {
  readonly encoded: Uint8Array;
  /** What stands for the node in its parent. */
  readonly reference: RlpValue;
  /** The next node on a path of which `at` nibbles led here, and how many lead to that one. */
  readonly below: (
    path: readonly number[],
    at: number,
  ) => { readonly node: Built; readonly at: number } | undefined;
};

const EMPTY = new Uint8Array(0);

/** The node of entries, at least one, whose paths agree in the first `at` nibbles. */
function makeNode(entries: readonly Entry[], at: number): Built {
  const [first] = entries as [Entry];
  if (entries.length === 1)
    return built([encodePath(first.path.slice(at), true), first.value], () => undefined);
  let shared = at;
  while (entries.every(({ path }) => shared < path.length && path[shared] === first.path[shared])) shared++;
  if (shared > at) {
    const child = makeNode(entries, shared);
    const way = first.path.slice(at, shared);
    return built([encodePath(way, false), child.reference], (path) =>
      way.every((nibble, i) => nibble === path[at + i]) ? { node: child, at: shared } : undefined,
    );
  }
  const children = Array.from({ length: BRANCHES }, (_, nibble) => {
    const inside = entries.filter(({ path }) => path[at] === nibble);
    return inside.length === 0 ? undefined : makeNode(inside, at + 1);
  });
  const value = entries.find(({ path }) => path.length === at)?.value ?? EMPTY;
  return built([...children.map((child) => child?.reference ?? EMPTY), value], (path) => {
    const child = path[at] === undefined ? undefined : children[path[at]];
    return child && { node: child, at: at + 1 };
  });
}

function built(node: readonly RlpValue[], below: Built['below']): Built {
  const encoded = encodeRlp(node);
  return { encoded, reference: encoded.length < HASH_BYTES ? node : keccak_256(encoded), below };
}

/** Half bytes of a key, the high one first. */
function nibblesOf(bytes: Uint8Array): number[] {
  return [...bytes].flatMap((byte) => [byte >> 4, byte & 15]);
}

/** Hex-prefix encoding: a flag for leaves, one for odd lengths, and the nibbles two by two. */
function encodePath(nibbles: readonly number[], isLeaf: boolean): Uint8Array {
  const flag = isLeaf ? 2 : 0;
  const all = nibbles.length % 2 === 0 ? [flag, 0, ...nibbles] : [flag + 1, ...nibbles];
  return Uint8Array.from({ length: all.length / 2 }, (_, i) => 16 * all[2 * i]! + all[2 * i + 1]!);
}

/** The node that a hash names. */
function readHashed(nodes: readonly Uint8Array[], index: number, hash: Uint8Array): RlpItem {
  const encoded = nodes[index];
  if (encoded === undefined)
    throw new FileError(
      'TRIE_NODE_MISSING',
      `trie proof: the path goes on, but only ${nodes.length} nodes were given. Give all nodes from the root to the value.`,
    );
  const found = keccak_256(encoded);
  if (!found.every((byte, i) => byte === hash[i]) || hash.length !== HASH_BYTES)
    throw new FileError(
      'TRIE_NODE_HASH',
      `trie proof: node ${index} is not the one that ${index === 0 ? 'the root' : 'its parent'} names. It was altered, or is of another trie.`,
    );
  if (index > 0 && encoded.length < HASH_BYTES)
    throw badShape(index + 1, `a node of ${encoded.length} bytes stands in its parent as itself`);
  return decodeRlp(encoded, { maxBytes: MAX_NODE_BYTES, maxItems: MAX_NODE_ITEMS });
}

/** Reads a node in its one form. `used` counts the nodes that were taken, for messages. */
function readNode(item: RlpItem, used: number): TrieNode {
  // The root of a trie without entries.
  if (item.kind === 'string' && item.bytes.length === 0 && used <= 1) throw absent();
  if (item.kind === 'string') throw badShape(used, 'expected a list');
  const { items } = item;
  if (items.length === BRANCHES + 1) {
    const children = items.slice(0, BRANCHES).map((child) => readReference(child, used));
    const value = readString(items[BRANCHES]!, used);
    const taken = children.filter(({ kind }) => kind !== 'none').length + (value.length > 0 ? 1 : 0);
    if (taken < 2) throw badShape(used, 'a branch has two or more entries');
    return { kind: 'branch', children, value };
  }
  if (items.length !== 2) throw badShape(used, `expected 17 or 2 items, got ${items.length}`);
  const { isLeaf, path } = decodePath(readString(items[0]!, used), used);
  if (isLeaf) {
    const value = readString(items[1]!, used);
    if (value.length === 0) throw badShape(used, 'a leaf has a value');
    return { kind: 'leaf', path, value };
  }
  const child = readReference(items[1]!, used);
  if (path.length === 0 || child.kind === 'none') throw badShape(used, 'an extension has a path and a child');
  return { kind: 'extension', path, child };
}

function readReference(item: RlpItem, used: number): Reference {
  if (item.kind === 'list') {
    if (item.end - item.start >= HASH_BYTES) throw badShape(used, 'an embedded node is below 32 bytes');
    return { kind: 'embedded', node: item };
  }
  if (item.bytes.length === 0) return { kind: 'none' };
  if (item.bytes.length !== HASH_BYTES) throw badShape(used, 'a child is a node, a hash or nothing');
  return { kind: 'hash', hash: item.bytes };
}

function readString(item: RlpItem, used: number): Uint8Array {
  if (item.kind === 'list') throw badShape(used, 'expected a byte string, got a list');
  return item.bytes;
}

function decodePath(
  bytes: Uint8Array,
  used: number,
): { readonly isLeaf: boolean; readonly path: readonly number[] } {
  const [flags, second, ...rest] = nibblesOf(bytes);
  if (flags === undefined || flags > 3 || (flags % 2 === 0 && second !== 0))
    throw badShape(used, 'a path begins with 0, 1, 2 or 3 and has no other filling than 0');
  return { isLeaf: flags >= 2, path: flags % 2 === 0 ? rest : [second!, ...rest] };
}

function absent(): FileError {
  return new FileError(
    'TRIE_KEY_ABSENT',
    'trie proof: the key has no value under this root. What you look for is not there.',
  );
}

function badShape(used: number, why: string): FileError {
  return new FileError(
    'TRIE_NODE_SHAPE',
    `trie proof: node ${used - 1}: ${why}. No Ethereum client builds such a trie: take the proof from another.`,
  );
}
