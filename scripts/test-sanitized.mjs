/**
 * Runs the native engine's tests under the sanitizers of GCC: addresses and undefined behaviour in one build, data races in another. Both with
 * all instruction sets that the processor has.
 *
 *   npm run test:sanitized                                          all of it
 *   npm run test:sanitized -- thread test/engine/native-session     one kind, these tests
 *
 * Node itself is not instrumented: the sanitizer's library is loaded before it, leaks are not looked for, and races are those of the
 * addon's own code. First every fault of native/src/faults.cpp must be found.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build, installDependencies, root, run } from './prepare.mjs';

const EXIT_ENVIRONMENT = 4;
const compiler = process.env.CXX ?? 'g++';
const KINDS = {
  'address,undefined': {
    library: 'libasan.so',
    options: {
      ASAN_OPTIONS: 'detect_leaks=0:allocator_may_return_null=1',
      UBSAN_OPTIONS: 'print_stacktrace=1',
    },
    faults: ['overflow', 'overread', 'part-overflow', 'stale-scratch', 'undefined'],
  },
  thread: {
    library: 'libtsan.so',
    options: { TSAN_OPTIONS: 'halt_on_error=1:ignore_noninstrumented_modules=1:atexit_sleep_ms=0' },
    faults: ['race'],
  },
};
const REPORT = /ERROR: AddressSanitizer|runtime error:|WARNING: ThreadSanitizer: data race/;

function fail(message) {
  console.error(message);
  process.exit(EXIT_ENVIRONMENT);
}

/** The whole path of a sanitizer's library; GCC answers with the bare name where it has none. */
function findLibrary(name) {
  const { stdout, status } = spawnSync(compiler, [`-print-file-name=${name}`], { encoding: 'utf8' });
  const path = stdout?.trim() ?? '';
  if (status !== 0 || path === name || path === '')
    fail(
      `COMPILER_MISSING: ${name} of ${compiler}: not found. These checks need GCC on Linux, on Debian and Ubuntu: apt-get install g++.`,
    );
  return path;
}

/** `node` with a sanitizer before it. Addresses are not randomised where that can be chosen: ThreadSanitizer has fixed places for its own. */
function sanitized(kind) {
  const { library, options } = KINDS[kind];
  const settings = {
    ...options,
    LD_PRELOAD: findLibrary(library),
    ZKFINALITY_ADDON: join(root, 'native/build', kind, 'zkfinality.node'),
  };
  const fixed = spawnSync('setarch', ['-R', 'true']).status === 0 ? ['setarch', '-R'] : [];
  return [
    ...fixed,
    'env',
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    process.execPath,
  ];
}

/** Commits one fault in a process of its own, which must end with a report. */
function assertFound(command, fault) {
  const script = `
    const { loadAddon } = await import(${JSON.stringify(join(root, 'dist/engine/native/addon.js'))});
    const addon = loadAddon();
    addon.fault(addon.create(2, 'portable'), '${fault}');`;
  const [program, ...args] = [...command, '--input-type=module', '-e', script];
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status === 0 || !REPORT.test(stderr)) fail(`the fault "${fault}" was not found:\n${stderr}`);
  console.log(`found on purpose: ${REPORT.exec(stderr)[0]} (${fault})`);
}

const [first = '', ...rest] = process.argv.slice(2);
const kinds = first in KINDS ? [first] : Object.keys(KINDS);
const chosen = first in KINDS || first === '' ? rest : [first, ...rest];
const tests = chosen.length > 0 ? chosen : ['test/engine/native-'];
installDependencies();
build();
for (const kind of kinds) {
  console.log(`== ${kind}`);
  run(process.execPath, [join(root, 'scripts/build-native.mjs'), '--sanitize', kind]);
  const command = sanitized(kind);
  for (const fault of KINDS[kind].faults) assertFound(command, fault);
  const [program, ...args] = command;
  run(program, [...args, join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...tests]);
}
