/** Every function, class and constant that the package exports has an example; all compile, all run, all print what they say. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileSnippets, promisedOutput, runSnippets, type Snippet } from '../support/snippets.js';

/** Sources of the entry points of `package.json`, by the name that users import. */
const entries = new Map(
  Object.entries(
    (JSON.parse(readFileSync('package.json', 'utf8')) as { exports: { [path: string]: { types?: string } } })
      .exports,
  ).flatMap(([path, { types }]) =>
    types === undefined || path.endsWith('.js')
      ? []
      : [[path.replace('.', 'zkfinality'), types.replace('./dist/', 'src/').replace('.d.ts', '.ts')]],
  ),
);

const program = ts.createProgram([...entries.values()], {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node'],
  noEmit: true,
});
const checker = program.getTypeChecker();

type Export = { readonly name: string; readonly examples: readonly string[] };

function exportsOf(entry: string): readonly Export[] {
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry)!)!;
  return checker.getExportsOfModule(module).flatMap((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    if (!(symbol.flags & ts.SymbolFlags.Value)) return [];
    const tags = symbol.getJsDocTags(checker).filter(({ name }) => name === 'example');
    return [{ name: exported.name, examples: tags.map(({ text }) => codeOf(ts.displayPartsToString(text))) }];
  });
}

/** The code between the fences; an example without them is none. */
function codeOf(text: string): string {
  return /^```ts\n([\s\S]*)\n```$/.exec(text.trim())?.[1] ?? '';
}

function moduleExample(entry: string): string {
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(readFileSync(entry, 'utf8'))?.[1] ?? '';
  return codeOf(comment.replace(/^ \* ?/gm, '').split('@example')[1] ?? '');
}

const all = [...entries].flatMap(([name, entry]) =>
  exportsOf(entry).map((found) => ({ ...found, name: `${name} ${found.name}` })),
);
const snippets: readonly Snippet[] = [
  ...[...entries].map(([name, entry]) => ({ name, code: moduleExample(entry) })),
  ...all.flatMap(({ name, examples }) => examples.map((code) => ({ name, code }))),
];
/** The same function may be exported twice. */
const distinct = snippets.filter(
  ({ code }, index) => snippets.findIndex((other) => other.code === code) === index,
);

describe('the examples of the API', () => {
  let printed: readonly (readonly string[])[];
  beforeAll(async () => {
    printed = await runSnippets(distinct, 'api');
  });

  it('default: every page has one that prints something', () => {
    expect([...entries.keys()].sort()).toEqual(
      expect.arrayContaining(['zkfinality', 'zkfinality/devnet', 'zkfinality/verify']),
    );
    expect(all.length).toBeGreaterThan(30);
    expect(all.filter(({ examples }) => examples.length === 0).map(({ name }) => name)).toEqual([]);
    expect(
      snippets.filter((snippet) => promisedOutput(snippet).length === 0).map(({ name }) => name),
    ).toEqual([]);
  });

  it('default: all compile against the built package', () => {
    expect(compileSnippets(distinct, 'api')).toEqual([]);
  });

  it.each(distinct.map((snippet, index) => [snippet.name, snippet, index] as const))(
    'default: %s prints what it says',
    (_, snippet, index) => {
      expect(printed[index]).toEqual(promisedOutput(snippet));
    },
  );
});

describe('the check of examples', () => {
  it('error: finds what does not compile and what prints something else', async () => {
    const wrong = {
      name: 'wrong',
      code: "import { nothing } from 'zkfinality/verify';\nconsole.log(nothing); // 1",
    };
    expect(compileSnippets([wrong], 'wrong').join()).toMatch(/^wrong, line 1: .*nothing/);
    const other = { name: 'other', code: 'console.log(1 + 1); // 3' };
    expect(await runSnippets([other], 'other')).not.toEqual([promisedOutput(other)]);
    const failing = { name: 'failing', code: "console.log(1); // 1\nthrow new Error('no');" };
    expect(await runSnippets([failing], 'failing')).toEqual([['1', 'threw Error: no']]);
  });
});
