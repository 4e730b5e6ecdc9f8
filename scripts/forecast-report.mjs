/**
 * Measures what src/build/forecast.ts counts with, and compares forecasts with whole proofs. For whoever keeps its factors: run it on a quiet machine.
 *
 *   npm run forecast-report                       all of it, about five minutes; builds what keys are missing
 *   npm run forecast-report -- istanbul-qbft-4    this circuit only
 *
 * Each proof is a process of its own, which makes a block of an embedded network, proves it and checks the proof; the best of three. Set-ups write
 * to a folder that is removed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, installDependencies, root } from './prepare.mjs';

const CIRCUITS = ['committee-4', 'committee-32', 'istanbul-qbft-4', 'istanbul-ibft2-8'];
const RUNS = 3;

const at = (path) => join(root, 'dist', path);
const seconds = (ms) => ms / 1000;
const inSum = (timings, ...stages) => seconds(stages.reduce((sum, stage) => sum + (timings[stage] ?? 0), 0));

/** In a process of its own: one proof or one set-up; prints what it took. */
async function measureOne(task, circuit, arithmetic, threads) {
  const { createWasmEngine } = await import(at('engine/wasm-engine.js'));
  const { createNativeEngine } = await import(at('engine/native/native-engine.js'));
  const { circuitById } = await import(at('build/registry.js'));
  const { cacheFolder } = await import(at('build/paths.js'));
  const { ensureArtifacts } = await import(at('build/artifacts.js'));
  const spec = circuitById(circuit);
  const engine =
    arithmetic === 'wasm'
      ? await createWasmEngine({ threads })
      : await createNativeEngine({ threads, isa: arithmetic });
  const stage = (_, work) => work(() => {});
  const artifacts = await ensureArtifacts(spec, {
    cacheFolder: cacheFolder(),
    engine: async () => engine,
    stage,
  });
  const result =
    task === 'prove' ? await proveOne(spec, artifacts, engine) : await setupOne(spec, artifacts, engine);
  await engine.close();
  const peakKilobytes = process.resourceUsage().maxRSS;
  console.log(JSON.stringify({ ...result, peakBytes: peakKilobytes * 1024 }));
}

async function proveOne(spec, artifacts, engine) {
  const { openProver } = await import(at('prover/prover.js'));
  const { protocolOf } = await import(at('protocols/index.js'));
  const { createDevnet } = await import(at('devnet/index.js'));
  const [variant] = spec.variants;
  const network = createDevnet(variant, { seed: 'forecast', validators: spec.tier, chainId: 7n });
  const { block } = network.block(2);
  const trusted = network.validatorSet(2);
  const protocol = protocolOf(variant);
  const prover = await openProver({ artifacts, engine: async () => engine });
  const { timingsMs } = await prover.prove({
    input: protocol.circuitInput(block, trusted, spec.tier),
    statement: protocol.statement(block, trusted),
    variant,
    chainId: network.chainId,
  });
  await prover.close();
  return { timingsMs };
}

async function setupOne(spec, artifacts, engine) {
  const { developmentSetup } = await import(at('groth16/setup.js'));
  const folder = mkdtempSync(join(tmpdir(), 'zkfinality-forecast-'));
  try {
    await developmentSetup({
      r1csPath: artifacts.compiled.r1csPath,
      symPath: artifacts.compiled.symPath,
      zkeyPath: join(folder, 'key.zkey'),
      engine,
      system: spec.system,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return {};
}

/** Runs such a process; whole seconds are its own. */
function run(...args) {
  const started = performance.now();
  const { status, stdout } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--one', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 4);
  return { ...JSON.parse(stdout), whole: seconds(performance.now() - started) };
}

/** The quickest of some runs, with the highest peak of all. */
function bestOf(runs) {
  const [best] = runs.toSorted((a, b) => a.whole - b.whole);
  return { ...best, peakBytes: Math.max(...runs.map(({ peakBytes }) => peakBytes)) };
}

/** What each factor would be for this circuit. */
function factorsOf({ constraints, wires, domain, keyBytes }, { whole, timingsMs }, threads) {
  const sumL = inSum(timingsMs, 'sum A');
  const perWire = inSum(timingsMs, 'commit', 'rows', 'sum A', 'sum B1', 'sum B2') + sumL;
  const perRow = inSum(timingsMs, 'quotient', 'sum C') - sumL;
  const counted = inSum(timingsMs, 'witness', 'rest of key', 'second round') + perWire + perRow;
  return {
    'start (s)': (whole - counted).toFixed(2),
    'key byte (ns)': ((inSum(timingsMs, 'load key') * threads * 1e9) / keyBytes).toFixed(1),
    'row (µs)': ((perRow * threads * 1e6) / domain).toFixed(2),
    'wire (µs)': ((perWire * threads * 1e6) / wires).toFixed(2),
    'witness, a constraint (µs)': ((inSum(timingsMs, 'witness') * 1e6) / constraints).toFixed(2),
    'second round, a constraint (µs)': ((inSum(timingsMs, 'second round') * 1e6) / constraints).toFixed(2),
  };
}

async function report(named) {
  const { forecast, measureSlowness, timeProducts } = await import(at('build/forecast.js'));
  const { expectedArithmetic } = await import(at('engine/index.js'));
  const { availableParallelism } = await import('node:os');
  const threads = Math.min(availableParallelism(), 64);
  const native = {
    wasm: [],
    portable: ['portable'],
    adx: ['portable', 'adx'],
    ifma: ['portable', 'adx', 'ifma'],
  }[expectedArithmetic()];
  const figures = JSON.parse(readFileSync(join(root, 'keys/figures.json'), 'utf8'));
  const slowness = measureSlowness();
  console.log(
    `${threads} threads; products: ${Math.min(...Array.from({ length: 8 }, timeProducts)).toFixed(3)} ms, slowness ${slowness.toFixed(2)}`,
  );
  const rows = [];
  for (const circuit of named)
    for (const arithmetic of ['wasm', ...native]) {
      run('prove', circuit, arithmetic, String(threads));
      const proved = bestOf(
        Array.from({ length: RUNS }, () => run('prove', circuit, arithmetic, String(threads))),
      );
      const made = run('setup', circuit, arithmetic, String(threads));
      const told = forecast(figures[circuit], { threads, arithmetic });
      const size = { ...figures[circuit], domain: 2 ** told.domainLog, keyBytes: told.keyBytes };
      const work = size.wires + size.domain;
      rows.push({
        circuit,
        arithmetic,
        ...factorsOf(size, proved, threads),
        'setup (µs)': (((made.whole - 0.3) * threads * 1e6) / work).toFixed(2),
        'proof (s)': proved.whole.toFixed(2),
        'told / took': (told.prove.seconds / proved.whole).toFixed(2),
        'peak (MB)': Math.round(proved.peakBytes / 1e6),
        'told / peak': (told.prove.memoryBytes / proved.peakBytes).toFixed(2),
        'setup (s)': made.whole.toFixed(2),
        'setup told / took': (told.setup.seconds / made.whole).toFixed(2),
        'setup told / peak': (told.setup.memoryBytes / made.peakBytes).toFixed(2),
      });
    }
  console.table(
    Object.fromEntries(rows.map(({ circuit, arithmetic, ...rest }) => [`${circuit}, ${arithmetic}`, rest])),
  );
}

const [first, ...rest] = process.argv.slice(2);
if (first === '--one') {
  const [task, circuit, arithmetic, threads] = rest;
  await measureOne(task, circuit, arithmetic, Number(threads));
} else {
  installDependencies();
  build();
  await report(first === undefined ? CIRCUITS : [first, ...rest]);
}
