/** The arrows of the architecture page: which folder of `src/` may import from which, and which packages. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, normalize, relative, sep } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

/** Folder → folders below it. `statement` is open to all; a folder may always import from itself. */
const ARROWS: { readonly [folder: string]: readonly string[] } = {
  statement: [],
  verify: [],
  ethereum: [],
  math: [],
  engine: ['math'],
  formats: ['math'],
  storage: ['formats', 'math', 'verify'],
  witness: ['engine', 'formats', 'math'],
  groth16: ['engine', 'formats', 'witness', 'math'],
  protocols: ['ethereum', 'witness', 'math'],
  devnet: ['protocols', 'ethereum', 'math'],
  onchain: ['groth16', 'engine', 'formats', 'witness', 'math', 'verify'],
  build: ['protocols', 'groth16', 'engine', 'formats', 'witness', 'math', 'verify'],
  browser: ['protocols', 'groth16', 'engine', 'formats', 'witness', 'math', 'verify'],
  prover: ['build', 'protocols', 'groth16', 'engine', 'formats', 'witness', 'math', 'verify'],
  bench: [
    'prover',
    'storage',
    'build',
    'protocols',
    'onchain',
    'devnet',
    'groth16',
    'engine',
    'formats',
    'witness',
    'math',
    'verify',
  ],
  cli: [
    'bench',
    'prover',
    'storage',
    'build',
    'protocols',
    'onchain',
    'devnet',
    'groth16',
    'engine',
    'formats',
    'witness',
    'math',
    'verify',
  ],
};

/** Folders that may import only these packages. */
const PACKAGES: { readonly [folder: string]: RegExp } = {
  statement: /^@noble\//,
  ethereum: /^@noble\/hashes\//,
  verify: /^@noble\//,
  math: /^@noble\//,
};

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+'([^']+)'|(?:^|\n)\s*import\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/g;

type Import = {
  readonly file: string;
  readonly folder: string;
  readonly target: string;
  readonly specifier: string;
};

const sources = readdirSync('src', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
  .map((entry) => relative('src', `${entry.parentPath}/${entry.name}`).split(sep).join('/'));

const imports: readonly Import[] = sources.flatMap((file) =>
  [...readFileSync(`src/${file}`, 'utf8').matchAll(IMPORT)].map((match) => {
    const specifier = (match[1] ?? match[2] ?? match[3])!;
    const target = specifier.startsWith('.')
      ? normalize(`${dirname(file)}/${specifier}`)
          .split(sep)
          .join('/')
      : '';
    return { file, folder: folderOf(file), target: target === '' ? '' : folderOf(target), specifier };
  }),
);

/** First folder of a path below `src/`; files of `src/` itself are entry points and belong to no folder. */
function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : '(entry)';
}

describe('arrows between folders', () => {
  it('default: every folder of src stands in the table', () => {
    const folders = new Set(sources.map(folderOf));
    folders.delete('(entry)');
    expect([...folders].filter((folder) => !Object.hasOwn(ARROWS, folder))).toEqual([]);
    expect(imports.length).toBeGreaterThan(20);
  });

  it('default: imports point downwards only', () => {
    const against = imports.filter(
      ({ folder, target }) =>
        folder !== '(entry)' &&
        target !== '' &&
        target !== folder &&
        target !== 'statement' &&
        !ARROWS[folder]!.includes(target),
    );
    expect(against.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
  });

  it('default: the verifier, what it stands on and the reference use only @noble packages', () => {
    const foreign = imports.filter(
      ({ folder, target, specifier }) =>
        target === '' && PACKAGES[folder] !== undefined && !PACKAGES[folder].test(specifier),
    );
    expect(foreign.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
  });

  it('default: the table itself has no circles', () => {
    const visit = (folder: string, above: readonly string[]): void => {
      expect(above).not.toContain(folder);
      for (const below of ARROWS[folder]!) visit(below, [...above, folder]);
    };
    for (const folder of Object.keys(ARROWS)) visit(folder, []);
  });
});

describe('the bundle of zkfinality/verify', () => {
  it('default: builds for browsers out of src/verify, src/statement and @noble alone', async () => {
    const result = await build({
      entryPoints: ['src/verify/index.ts'],
      bundle: true,
      preserveSymlinks: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      metafile: true,
      write: false,
      logLevel: 'silent',
    });
    const inputs = Object.keys(result.metafile.inputs);
    expect(
      inputs.filter((path) => !/^(?:src\/(?:verify|statement)\/|node_modules\/@noble\/)/.test(path)),
    ).toEqual([]);
    const { gzipSync } = await import('node:zlib');
    const sizeBytes = gzipSync(result.outputFiles[0]!.contents, { level: 9 }).length;
    expect(sizeBytes).toBeLessThanOrEqual(30 * 1024);
    expect(new TextDecoder().decode(result.outputFiles[0]!.contents)).not.toMatch(
      /\b(?:process|Buffer|require|__dirname)\b\s*[.(]/,
    );
  });
});
