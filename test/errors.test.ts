/** `docs/ERRORS.md` lists every code in the sources and no other. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** Words in capitals that are no codes, with the files they stand in. */
const OTHER_WORDS: { readonly [word: string]: RegExp } = {
  TWIST_B: /^src\/onchain\//,
  X_C1: /^src\/onchain\//,
  X_C0: /^src\/onchain\//,
  Y_C1: /^src\/onchain\//,
  Y_C0: /^src\/onchain\//,
};

/** A quoted word in capitals with an underscore, or any that an error's constructor gets. Keys of code tables count too. */
const CODE =
  /'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'|(?:Error|refuse|fail)\(\s*'([A-Z][A-Z0-9_]*)'|^ {2}([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+): '/gm;

const found = new Map<string, string>();
for (const entry of readdirSync('src', { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
  const path = `${entry.parentPath}/${entry.name}`;
  for (const match of readFileSync(path, 'utf8').matchAll(CODE)) {
    const code = (match[1] ?? match[2] ?? match[3])!;
    if (!OTHER_WORDS[code]?.test(path)) found.set(code, path);
  }
}

const listed = [
  ...readFileSync('docs/ERRORS.md', 'utf8').matchAll(/^\| `([A-Z][A-Z0-9_]*)` \| [^|]+ \| [^|]+ \|$/gm),
].map((match) => match[1]!);

describe('docs/ERRORS.md', () => {
  it('default: every code in the sources is listed', () => {
    const missing = [...found]
      .filter(([code]) => !listed.includes(code))
      .map(([code, path]) => `${code} (${path})`);
    expect(missing).toEqual([]);
  });

  it('error: no code is listed twice or without being in the sources', () => {
    expect(listed.filter((code, index) => listed.indexOf(code) !== index)).toEqual([]);
    expect(listed.filter((code) => !found.has(code))).toEqual([]);
    expect(listed.length).toBeGreaterThan(100);
  });
});
