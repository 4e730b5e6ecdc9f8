/** TypeScript snippets out of documents: compiled together, strictly; run one after the other; their output compared. */
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import ts from 'typescript';

export type Snippet = {
  /** Where it comes from. */
  readonly name: string;
  readonly code: string;
};

/** Inside the package, so that its own name resolves to the build. */
const FOLDER = 'build/snippets';

/** What the compiler says about the snippets against the types of the built package; nothing if they are fine. */
export function compileSnippets(snippets: readonly Snippet[], topic: string): readonly string[] {
  const folder = emptyFolder(topic);
  const files = snippets.map(({ code }, index) => {
    const file = join(folder, `${index}.ts`);
    writeFileSync(file, `${code}\nexport {};\n`);
    return file;
  });
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, '.');
  const program = ts.createProgram(files, { ...options, noEmit: true });
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const index = files.indexOf(resolve(diagnostic.file?.fileName ?? ''));
    const line =
      diagnostic.file === undefined || diagnostic.start === undefined
        ? ''
        : diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start).line + 1;
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n');
    return `${snippets[index]?.name ?? diagnostic.file?.fileName}, line ${line}: ${message}`;
  });
}

/** What a snippet says it prints: the comments behind its `console.log` lines. */
export function promisedOutput({ code }: Snippet): readonly string[] {
  return [...code.matchAll(/console\.log\(.*\);\s*\/\/ (.+)$/gm)].map((match) => match[1]!.trim());
}

/** Runs snippets one after the other, in a process of their own in the package's folder; the lines that each prints. */
export async function runSnippets(
  snippets: readonly Snippet[],
  topic: string,
): Promise<readonly (readonly string[])[]> {
  const folder = emptyFolder(`${topic}-run`);
  const runner = join(folder, 'run.mjs');
  writeFileSync(runner, RUNNER);
  for (const [index, { code }] of snippets.entries()) {
    const translated = await transform(code, { loader: 'ts', format: 'esm', target: 'node20' });
    writeFileSync(join(folder, `${index}.mjs`), translated.code);
  }
  const { stdout } = await promisify(execFile)(process.execPath, [runner, String(snippets.length)], {
    timeout: 300_000,
  });
  return JSON.parse(stdout) as string[][];
}

const RUNNER = `
import { format } from 'node:util';
const printed = [];
for (let index = 0; index < Number(process.argv[2]); index++) {
  const lines = [];
  printed.push(lines);
  console.log = (...values) => lines.push(format(...values));
  try {
    await import(\`./\${index}.mjs\`);
  } catch (error) {
    lines.push(\`threw \${error}\`);
  }
}
process.stdout.write(JSON.stringify(printed));
`;

function emptyFolder(topic: string): string {
  const folder = resolve(FOLDER, topic);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}
