/** `docs/GUIDE.md`: every command and program on the page, run in its order in an empty folder, prints what the page says. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const guide = readFileSync('docs/GUIDE.md', 'utf8');
/** Inside the package, so that its name and its command resolve as they do in a project that has installed it. */
const folder = resolve('build/guide');

type Block = { readonly language: string; readonly text: string };
const blocks: readonly Block[] = [...guide.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map((match) => ({
  language: match[1]!,
  text: match[2]!,
}));

/** Runs commands as a user's shell would; the first that fails ends them. */
async function run(commands: string): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', commands], {
    cwd: folder,
    timeout: 300_000,
    env: { ...process.env, NO_COLOR: '1', npm_config_update_notifier: 'false', npm_config_offline: 'true' },
  });
  return stdout;
}

describe('docs/GUIDE.md', () => {
  it('default: has commands, programs and what they print, and no other blocks', () => {
    const count = (language: string): number => blocks.filter((block) => block.language === language).length;
    expect([count('sh'), count('js'), count('text')]).toEqual([8, 4, 5]);
    expect(count('sh') + count('js') + count('text')).toBe(blocks.length);
    expect(guide.match(/^```/gm)).toHaveLength(2 * blocks.length);
  });

  it('default: every block works, from top to bottom', async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    let printed: string | undefined;
    for (const { language, text } of blocks) {
      if (language === 'js') {
        const name = /^\/\/ ([a-z-]+\.mjs)\n/.exec(text)?.[1];
        expect(name, `a program without a name: ${text.slice(0, 60)}`).toBeDefined();
        writeFileSync(join(folder, name!), text);
      } else if (language === 'sh') printed = await run(text);
      else expect(printed).toBe(text);
    }
  }, 300_000);

  it('default: the pages that it links to are there', () => {
    const links = [...guide.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1]!);
    expect(links.length).toBeGreaterThan(2);
    for (const link of links) expect(readFileSync(join('docs', link), 'utf8').length).toBeGreaterThan(0);
  });

  it('error: a command that fails is noticed', async () => {
    await expect(run('npx zkfinality verify missing.json; true')).rejects.toThrow('missing.json');
  });
});
