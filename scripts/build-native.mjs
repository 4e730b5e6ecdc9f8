/**
 * Compiles the native engine, native/src, to native/build/zkfinality.node.
 *
 *   npm run build:native
 *   npm run build:native -- --sanitize address,undefined    with checks of the compiler's, to native/build/address,undefined/zkfinality.node
 *
 * Needs a C++20 compiler (g++ 11, clang++ 14 or newer; `CXX` names another) and the headers that come with Node. The file appears under its
 * name only when it is whole. `scripts/test-sanitized.mjs` uses those that check themselves.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './prepare.mjs';

const EXIT_ENVIRONMENT = 4;
const { sanitize } = parseArgs({ options: { sanitize: { type: 'string' } } }).values;
const source = join(root, 'native/src');
const output = join(root, 'native/build', sanitize ?? '');

function fail(code, message) {
  console.error(`${code}: ${message}`);
  process.exit(EXIT_ENVIRONMENT);
}

function findCompiler() {
  const candidates = process.env.CXX ? [process.env.CXX] : ['g++', 'clang++'];
  const found = candidates.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
  if (found === undefined)
    fail(
      'COMPILER_MISSING',
      `${candidates.join(', ')}: not found. Install a C++20 compiler, on Debian and Ubuntu: apt-get install g++; on macOS: xcode-select --install. Without it everything runs on WASM.`,
    );
  return found;
}

function findHeaders() {
  const prefix = dirname(dirname(process.execPath));
  const candidates = [
    ...(process.env.npm_config_nodedir ? [join(process.env.npm_config_nodedir, 'include/node')] : []),
    join(prefix, 'include/node'),
    '/usr/include/node',
    '/usr/local/include/node',
  ];
  const found = candidates.find((folder) => existsSync(join(folder, 'node_api.h')));
  if (found === undefined)
    fail(
      'NODE_HEADERS_MISSING',
      `node_api.h: not found in ${candidates.join(', ')}. Install Node from nodejs.org, or on Debian and Ubuntu: apt-get install libnode-dev.`,
    );
  return found;
}

function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}`))));
  });
}

/** Runs all commands, as many at a time as there are processors. */
async function runAll(commands) {
  const waiting = [...commands];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await run(...next);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

if (process.platform === 'win32')
  fail('COMPILER_MISSING', 'the native engine is for Linux and macOS. Here everything runs on WASM.');
const compiler = findCompiler();
const headers = findHeaders();
/** Flags that not every compiler knows. */
const accepted = (flags) =>
  flags.filter(
    (flag) =>
      spawnSync(compiler, [flag, '-Werror', '-fsyntax-only', '-x', 'c++', '-'], { input: '', stdio: 'pipe' })
        .status === 0,
  );
/** What makes a build check itself; the first fault ends the process. */
const checks = (kinds) => [
  `-fsanitize=${kinds}`,
  '-DZKF_SANITIZED',
  '-fno-sanitize-recover=undefined',
  '-fno-omit-frame-pointer',
  '-g1',
  '-Werror',
  ...(kinds.split(',').includes('address') ? ['-DZKF_CHECKED_MEMORY'] : []),
];
const common = [
  '-std=c++20',
  // Less is moved about, so that a report names the line.
  ...(sanitize === undefined ? ['-O3'] : ['-O1', ...checks(sanitize)]),
  '-fPIC',
  '-fvisibility=hidden',
  '-fno-strict-aliasing',
  '-Wall',
  '-Wextra',
  '-Wconversion',
  '-Wshadow',
  // The compiler's own vector headers are not clean.
  '-Wno-uninitialized',
  ...accepted(['-Wno-maybe-uninitialized']),
  // GCC 12.2 removes stores that are still read, see docs/NATIVE.md.
  ...accepted(['-fno-ipa-modref']),
  '-pthread',
  `-isystem${headers}`,
];
/** Files that are compiled once more or alone for an instruction set; nothing of them runs before the processor was asked. */
const SETS = {
  'kernels-adx.cpp': { isa: 'adx', flags: ['-mbmi2', '-madx', '-DZKF_ADX'] },
  'kernels-ifma.cpp': {
    isa: 'ifma',
    flags: ['-mavx512f', '-mavx512dq', '-mavx512bw', '-mavx512vl', '-mavx512ifma', '-mbmi2'],
  },
};
const flagsOf = (file) => [
  `-DZKF_ISA=${SETS[file]?.isa ?? 'portable'}`,
  ...(process.arch === 'x64' ? (SETS[file]?.flags ?? []) : []),
];

mkdirSync(output, { recursive: true });
const work = mkdtempSync(join(output, 'work-'));
try {
  const files = readdirSync(source).filter(
    (name) => name.endsWith('.cpp') && (name !== 'faults.cpp' || sanitize !== undefined),
  );
  const object = (file) => join(work, `${file}.o`);
  await runAll(
    files.map((file) => [
      compiler,
      [...common, ...flagsOf(file), '-c', join(source, file), '-o', object(file)],
    ]),
  );
  // Portable code first: where files share a function of the standard library, the linker keeps the first one.
  const rank = (file) => Object.keys(SETS).indexOf(file);
  const ordered = files.toSorted((a, b) => rank(a) - rank(b));
  const linked = join(work, 'zkfinality.node');
  const shared = process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared'];
  const runtime = sanitize === undefined ? [] : [`-fsanitize=${sanitize}`];
  await run(compiler, [...shared, ...runtime, '-pthread', ...ordered.map(object), '-o', linked]);
  renameSync(linked, join(output, 'zkfinality.node'));
} catch (error) {
  console.error(`the native engine was not built: ${error.message}`);
  process.exitCode = EXIT_ENVIRONMENT;
} finally {
  rmSync(work, { recursive: true, force: true });
}
