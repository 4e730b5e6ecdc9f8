/** The circuits that a benchmark measures, with everything that provers read: keys, inputs, witnesses, blocks. */
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, ensureDevelopmentKey, readFigures, readKeyOf } from '../build/artifacts.js';
import { domainLogOf } from '../build/forecast.js';
import { figuresPath } from '../build/paths.js';
import { type CircuitSpec, circuitById } from '../build/registry.js';
import { createDevnet } from '../devnet/index.js';
import type { Engine } from '../engine/types.js';
import { readR1csHeader, writeR1cs } from '../formats/r1cs.js';
import { writeWitness } from '../formats/wtns.js';
import { developmentSetup } from '../groth16/setup.js';
import { protocolOf } from '../protocols/index.js';
import { UsageError } from '../statement/errors.js';
import { formatVerificationKey } from '../statement/keys.js';
import type { CircuitInput, Variant } from '../statement/types.js';
import { createWitnessSession } from '../witness/session.js';
import type { GeneratedCircuit } from './generated-circuits.js';
import { formatInput } from './inputs.js';

/** A circuit ready to be measured. All paths are of files that exist. */
export type Subject = {
  readonly id: string;
  /** Circuits of one family differ in size alone. */
  readonly family: string;
  readonly rows: number;
  /** Base-two logarithm of the padded domain. */
  readonly domainLog: number;
  readonly r1csPath: string;
  readonly keyPath: string;
  readonly verificationKeyPath: string;
  /** Witness program and its input; generated circuits have none. */
  readonly program?: { readonly wasmPath: string; readonly inputPath: string };
  /** Of plain circuits. */
  readonly witnessPath?: string;
  /** Of circuits of chains that other provers cannot prove. */
  readonly chain?: { readonly variant: Variant; readonly validators: number };
};

/** Circuits that are measured by default. */
export const DEFAULT_CIRCUITS: readonly string[] = [
  'committee-4',
  'committee-8',
  'committee-16',
  'committee-32',
  'keccak-5',
  'istanbul-qbft-4',
  'istanbul-ibft2-8',
];

/** Permutations of the largest Keccak circuit that is offered. */
const MAX_KECCAK_BLOCKS = 11;
const KECCAK_RATE_BYTES = 136;
const PLACEHOLDER_CHALLENGE = 3n;

type Plan = Pick<CircuitSpec, 'id' | 'mainSource' | 'level' | 'system'> & {
  readonly family: string;
  readonly input: () => CircuitInput;
  readonly chain?: Subject['chain'];
};

/**
 * Finds what is needed to measure a circuit.
 *
 * @param id - Circuit of finality of the registry, or `keccak-N`: Keccak-256 alone, in bits, of N blocks of 136 bytes.
 * @throws {UsageError} `CIRCUIT_UNKNOWN`, `BENCH_CIRCUIT`.
 */
export function planSubject(id: string): Plan {
  const blocks = /^keccak-([1-9][0-9]?)$/.exec(id)?.[1];
  if (blocks !== undefined) return keccakPlan(id, Number(blocks));
  const spec = circuitById(id);
  const [variant] = spec.variants;
  if (spec.kind !== 'finality' || variant === undefined)
    throw new UsageError(
      'BENCH_CIRCUIT',
      `circuit "${id}": expected a finality circuit or keccak-N, got another kind.`,
    );
  const { mainSource, level, system, tier, protocol } = spec;
  return {
    ...{ id, mainSource, level, system },
    family: protocol,
    input: () => finalityInput(variant, tier),
    ...(protocol === 'committee' ? {} : { chain: { variant, validators: tier } }),
  };
}

function finalityInput(variant: Variant, tier: number): CircuitInput {
  const network = createDevnet(variant, { seed: 'benchmark', validators: tier, chainId: 1337n });
  const input = protocolOf(variant).circuitInput(network.block(1).block, network.validatorSet(1), tier);
  return variant === 'committee' ? input : { ...input, x: PLACEHOLDER_CHALLENGE };
}

function keccakPlan(id: string, blocks: number): Plan {
  if (blocks > MAX_KECCAK_BLOCKS)
    throw new UsageError(
      'BENCH_CIRCUIT',
      `circuit "${id}": expected keccak-1 to keccak-${MAX_KECCAK_BLOCKS}.`,
    );
  // The padding takes the last byte of the last block.
  const length = blocks * KECCAK_RATE_BYTES - 1;
  return {
    id,
    family: 'keccak',
    level: 'O1',
    system: 'groth16',
    mainSource: `pragma circom 2.2.0;\ninclude "lib/hash/Keccak256Bits.circom";\ncomponent main = Keccak256Bits(${length});\n`,
    input: () => ({
      bytes: Array.from({ length }, (_, i) => BigInt((i * 151 + 7) % 256)),
      length: BigInt(length),
    }),
  };
}

/**
 * Compiles a circuit and makes its key, unless the cache has them, and computes its witness.
 *
 * @param folder - Where input, witness and verification key go.
 */
export async function prepareSubject(plan: Plan, folder: string, options: BuildOptions): Promise<Subject> {
  const { id, family, system, chain } = plan;
  const figures = readFigures(figuresPath)[id];
  const { compiled, provingKeyPath } = await ensureDevelopmentKey(plan, { ...options, figures });
  const at = (name: string): string => join(folder, `${id}-${name}`);
  const input = plan.input();
  writeFileSync(at('input.json'), formatInput(input));
  const header = readR1csHeader(compiled.r1csPath);
  const subject: Subject = {
    id,
    family,
    rows: header.constraints,
    domainLog: logOf(header),
    r1csPath: compiled.r1csPath,
    keyPath: provingKeyPath,
    verificationKeyPath: writeKey(provingKeyPath, at('key.json')),
    program: { wasmPath: compiled.wasmPath, inputPath: at('input.json') },
    ...(chain === undefined ? {} : { chain }),
  };
  if (system !== 'groth16') return subject;
  const { signal } = options;
  const witnesses = await createWitnessSession({
    wasmPath: compiled.wasmPath,
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    await writeWitness(at('witness.wtns'), await witnesses.compute(input));
  } finally {
    await witnesses.close();
  }
  return { ...subject, witnessPath: at('witness.wtns') };
}

/** Writes a generated circuit with its witness, and makes its development key. */
export async function prepareGenerated(
  { name, r1cs, witness }: GeneratedCircuit,
  folder: string,
  engine: Engine,
  signal?: AbortSignal,
): Promise<Subject> {
  const at = (file: string): string => join(folder, `${name}-${file}`);
  await writeR1cs(at('circuit.r1cs'), r1cs);
  await writeWitness(at('witness.wtns'), witness);
  await developmentSetup({
    r1csPath: at('circuit.r1cs'),
    zkeyPath: at('key.zkey'),
    engine,
    system: 'groth16',
    ...(signal === undefined ? {} : { signal }),
  });
  return {
    id: name,
    family: name.slice(0, name.lastIndexOf('-')),
    rows: r1cs.constraints,
    domainLog: logOf(r1cs),
    r1csPath: at('circuit.r1cs'),
    keyPath: at('key.zkey'),
    verificationKeyPath: writeKey(at('key.zkey'), at('key.json')),
    witnessPath: at('witness.wtns'),
  };
}

function logOf(counts: {
  readonly constraints: number;
  readonly publicOutputs: number;
  readonly publicInputs: number;
}): number {
  const { constraints, publicOutputs, publicInputs } = counts;
  return domainLogOf({ constraints, publicInputs: publicOutputs + publicInputs });
}

/** Writes a proving key's verification key and returns its path. */
export function writeKey(provingKeyPath: string, path: string): string {
  writeFileSync(path, JSON.stringify(formatVerificationKey(readKeyOf(provingKeyPath))));
  return path;
}

/** A JSON file's content. */
export const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

/** Reads a file once, so that no contender pays for the disk. */
export function warmFile(path: string): void {
  const piece = new Uint8Array(1 << 24);
  const file = openSync(path, 'r');
  try {
    while (readSync(file, piece) > 0);
  } finally {
    closeSync(file);
  }
}
