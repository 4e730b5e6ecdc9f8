/** Witness, setup, proof and verification of whole circuits, side by side. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDevelopmentPtau } from '../groth16/ptau-write.js';
import { parseVerificationKey } from '../statement/keys.js';
import { prepareKey } from '../verify/prepared-key.js';
import { verifyProofJson } from '../verify/verify-proof.js';
import {
  type Bench,
  CLI_PATH,
  closeWorkers,
  disagreement,
  type LazyEngine,
  measureSides,
  measureWorkers,
  nodeCommand,
  openEngineWorker,
  openPeerWorker,
  openVerifierWorker,
  runOther,
  runOurs,
  runVerifier,
  type Side,
  VERIFIERS,
  type VerifierContender,
} from './bench.js';
import type { RawEntry } from './report.js';
import { readJson, type Subject, warmFile } from './subjects.js';

/** Largest power for which snarkjs's setup ends in bearable time. */
export const MAX_SETUP_LOG = 16;
/** Verifications in one sample. */
const VERIFY_REPEAT = 10;

/** Proving key and witness file to proof: whole processes, checked once each by our verifier. */
export async function measureProve(bench: Bench, subject: Subject): Promise<RawEntry> {
  const { id, keyPath, witnessPath = '', rows } = subject;
  const { cores, engines, threads, snarkjs, rapidsnark } = bench;
  const key = prepareKey(parseVerificationKey(readJson(subject.verificationKeyPath)));
  const checked = new Set<string>();
  const filesOf = (who: string): [string, string] => [
    join(bench.folder, `${id}-${who}-proof.json`),
    join(bench.folder, `${id}-${who}-public.json`),
  ];
  const check = (who: string): void => {
    if (checked.has(who)) return;
    checked.add(who);
    const [proof, publicInputs] = filesOf(who).map(readJson) as [object, unknown];
    // rapidsnark leaves the name of the curve out.
    if (!verifyProofJson(key, { curve: 'bn128', ...proof }, publicInputs).ok)
      throw disagreement(`prove: ${id}`, who, 'the verifier');
  };
  const common = (who: string): string[] => [keyPath, witnessPath, ...filesOf(who)];
  warmFile(keyPath);
  const sides: Side[] = engines.map((kind) => ({
    contender: kind,
    threads,
    run: async () => {
      const run = await runOurs(
        bench,
        `${kind} prove ${id}`,
        'prove',
        kind,
        String(threads),
        ...common(kind),
      );
      check(kind);
      return run;
    },
  }));
  const others = [
    ['snarkjs', nodeCommand(snarkjs, 'groth16', 'prove', ...common('snarkjs'))],
    ...(rapidsnark === undefined ? [] : [['rapidsnark', [rapidsnark, ...common('rapidsnark')]] as const]),
  ] as const;
  for (const [contender, command] of others)
    sides.push({
      contender,
      threads: cores,
      run: async () => {
        const run = await runOther(bench, `${contender} prove ${id}`, command);
        check(contender);
        return run;
      },
    });
  return measureSides(bench, { part: 'prove', subject: id, size: rows }, sides);
}

/** The prover alone, key loaded and witness at hand, with more and more threads. */
export async function measureThreads(bench: Bench, subject: Subject): Promise<RawEntry> {
  const { engines, threads } = bench;
  const counts = [1, 2, 4, 8, 16, 32, 64].filter((count) => count < threads);
  const sides = engines.flatMap((kind) =>
    [...counts, threads].map((count) => openEngineWorker(bench, kind, count)),
  );
  try {
    const task = { task: 'prove', key: subject.keyPath, witness: subject.witnessPath ?? '' } as const;
    const what = { part: 'threads', subject: subject.id, size: subject.rows } as const;
    return await measureWorkers(bench, what, sides, task);
  } finally {
    await closeWorkers(sides);
  }
}

/** Block file to verified proof of an Istanbul chain: our whole command, with its key in place. */
export async function measureFinality(bench: Bench, subject: Subject): Promise<RawEntry> {
  const { children, engines, threads, folder } = bench;
  const { id, chain } = subject;
  const net = join(folder, id);
  const { variant = 'qbft', validators = 4 } = chain ?? {};
  await children.run(
    `devnet of ${id}`,
    nodeCommand(
      ...([CLI_PATH, '--quiet', 'devnet', '--variant', variant, '--validators', String(validators)] as const),
      ...['--blocks', '1', '--out', net],
    ),
  );
  warmFile(subject.keyPath);
  const files = ['--trust', join(net, 'trust.json'), '--out', join(net, 'proof.json')];
  const sides = engines.map(
    (kind): Side => ({
      contender: kind,
      threads,
      run: async () => {
        const { stdout, ...run } = await children.run(
          `${kind} prove ${id}`,
          nodeCommand(
            ...([CLI_PATH, '--json', '--quiet', 'prove', join(net, 'block-1.json'), ...files] as const),
            ...['--timings', '--engine', kind, '--threads', String(threads)],
          ),
        );
        const { timingsMs } = JSON.parse(stdout) as { timingsMs: { [stage: string]: number } };
        const { total: _, ...stagesMs } = timingsMs;
        return { ...run, stagesMs };
      },
    }),
  );
  return measureSides(bench, { part: 'finality', subject: id, size: subject.rows }, sides);
}

/** Input file to witness file, whole processes; both run the same program of the Circom compiler. */
export async function measureWitness(bench: Bench, subject: Subject): Promise<RawEntry> {
  const { id, program, rows } = subject;
  const { wasmPath = '', inputPath = '' } = program ?? {};
  const out = (who: string): string => join(bench.folder, `${id}-${who}-measured.wtns`);
  const compare = (): void => {
    const [ours, theirs] = [out('wasm'), out('snarkjs')];
    if (existsSync(ours) && existsSync(theirs) && !readFileSync(ours).equals(readFileSync(theirs)))
      throw disagreement(`witness: ${id}`, 'ours', 'snarkjs');
  };
  const command = nodeCommand(bench.snarkjs, 'wtns', 'calculate', wasmPath, inputPath, out('snarkjs'));
  const entry = await measureSides(bench, { part: 'witness', subject: id, size: rows }, [
    {
      contender: 'wasm',
      threads: 1,
      run: () => runOurs(bench, `witness of ${id}`, 'witness', wasmPath, inputPath, out('wasm')),
    },
    {
      contender: 'snarkjs',
      threads: 1,
      run: () => runOther(bench, `snarkjs witness of ${id}`, command),
    },
  ]);
  compare();
  return entry;
}

/** Initial key from powers of tau that our own command writes: the same bytes from both. */
export async function measureSetup(bench: Bench, subject: Subject, engine: LazyEngine): Promise<RawEntry> {
  const { id, r1csPath, rows, domainLog } = subject;
  const ptau = join(bench.cacheFolder, 'bench', `development-${domainLog}.ptau`);
  const { signal } = bench;
  if (!existsSync(ptau)) {
    await bench.stage(`powers of tau, 2^${domainLog}`, async (onStep) =>
      writeDevelopmentPtau({
        path: ptau,
        power: domainLog,
        engine: await engine.get(),
        onProgress: ({ done, stage }) => onStep(done, stage),
        ...(signal === undefined ? {} : { signal }),
      }),
    );
  }
  await engine.close();
  const out = (who: string): string => join(bench.folder, `${id}-${who}.zkey`);
  warmFile(ptau);
  const sides: Side[] = bench.engines.map((kind) => ({
    contender: kind,
    threads: bench.threads,
    run: () =>
      runOurs(
        bench,
        `${kind} setup of ${id}`,
        'setup',
        kind,
        String(bench.threads),
        r1csPath,
        ptau,
        out(kind),
      ),
  }));
  const command = nodeCommand(bench.snarkjs, 'groth16', 'setup', r1csPath, ptau, out('snarkjs'));
  sides.push({
    contender: 'snarkjs',
    threads: bench.cores,
    run: () => runOther(bench, `snarkjs setup of ${id}`, command),
  });
  // Minutes of snarkjs for one figure: fewer runs.
  const runs = Math.ceil(bench.runs / 3);
  const entry = await measureSides(bench, { part: 'setup', subject: id, size: rows }, sides, { runs });
  const theirs = readFileSync(out('snarkjs'));
  for (const kind of bench.engines)
    if (!readFileSync(out(kind)).equals(theirs)) throw disagreement(`setup: ${id}`, kind, 'snarkjs');
  return entry;
}

const VERIFIER_CONTENDERS = Object.keys(VERIFIERS) as VerifierContender[];

/** One verification: the first of a process, and a later one. */
export async function measureVerify(bench: Bench, subject: Subject): Promise<RawEntry[]> {
  const { id, keyPath, witnessPath = '', verificationKeyPath, rows } = subject;
  const [proof, publicInputs] = [
    join(bench.folder, 'verified.json'),
    join(bench.folder, 'verified-public.json'),
  ];
  const files = [keyPath, witnessPath, proof, publicInputs];
  await runOurs(bench, `prove ${id}`, 'prove', 'wasm', String(bench.threads), ...files);
  const verifying = [verificationKeyPath, publicInputs, proof];
  const snarkjs = nodeCommand(bench.snarkjs, 'groth16', 'verify', ...verifying);
  const whole = await measureSides(bench, { part: 'verify', subject: 'first, whole process', size: rows }, [
    ...VERIFIER_CONTENDERS.map((contender) => ({
      contender,
      threads: 1,
      run: () => runVerifier(bench, contender, ...verifying),
    })),
    {
      contender: 'snarkjs',
      threads: 1,
      run: () => runOther(bench, 'snarkjs verify', snarkjs),
    },
  ]);
  const sides = [
    ...VERIFIER_CONTENDERS.map((contender) => openVerifierWorker(bench, contender)),
    openPeerWorker(bench, 1),
  ];
  try {
    const task = {
      task: 'verify',
      key: verificationKeyPath,
      proof,
      publicInputs,
      repeat: VERIFY_REPEAT,
    } as const;
    const what = { part: 'verify', subject: 'warm, key prepared', size: rows } as const;
    return [whole, await measureWorkers(bench, what, sides, task)];
  } finally {
    await closeWorkers(sides);
  }
}
