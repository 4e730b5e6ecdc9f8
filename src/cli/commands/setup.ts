/** `zkfinality setup`: builds a circuit and its keys ahead of time, or from a `.ptau` file. */
import { join } from 'node:path';
import type { Command } from 'commander';
import {
  checkedPartition,
  ensureArtifacts,
  ensureCompiled,
  readFigures,
  readKeyOf,
} from '../../build/artifacts.js';
import { cacheFolder, figuresPath } from '../../build/paths.js';
import { circuitById } from '../../build/registry.js';
import { assertWritable, copyFileAtomically } from '../../formats/atomic-file.js';
import { setupFromPtau } from '../../groth16/ptau-setup.js';
import { UsageError } from '../../statement/errors.js';
import { formatVerificationKey } from '../../statement/keys.js';
import { verificationKeyHash } from '../../statement/transcript.js';
import { addEngineOptions, type EngineChoice, engineOf, parseThreads } from '../engine.js';
import { writeJson } from '../files.js';
import type { Context, Run } from '../main.js';
import { EXIT, listing } from '../output.js';
import { hex32 } from '../statement-text.js';

type Options = EngineChoice & { readonly ptau?: string; readonly out?: string };

export function registerSetup(program: Command, run: Run): void {
  const command = program
    .command('setup')
    .description(
      'build a circuit and its keys: a development key, or the initial key of a ceremony from a .ptau file',
    )
    .argument('<circuit>', 'circuit id, see: zkfinality circuits')
    .option('--ptau <file>', 'prepared powers of tau; the key still needs contributions')
    .option('--out <folder>', 'also write proving key and verification key here');
  addEngineOptions(command).action(run(setup));
}

async function setup({ reporter, signal }: Context, id: string, options: Options): Promise<number> {
  const spec = circuitById(id);
  const threads = parseThreads(options.threads);
  const engine = engineOf(signal, options);
  try {
    const build = {
      cacheFolder: cacheFolder(),
      engine: engine.get,
      figures: readFigures(figuresPath)[id],
      threads,
      stage: reporter.stage,
      signal,
    };
    const target = options.out === undefined ? undefined : join(options.out, `${id}.zkey`);
    if (target !== undefined) await assertWritable(target);
    let provingKeyPath: string;
    if (options.ptau === undefined) {
      provingKeyPath = (await ensureArtifacts(spec, build)).provingKeyPath;
      if (target !== undefined) {
        await copyFileAtomically(provingKeyPath, target);
        provingKeyPath = target;
      }
    } else {
      if (target === undefined)
        throw new UsageError(
          'OUT_MISSING',
          'setup from a .ptau file needs --out: a folder for the initial key.',
        );
      const compiled = await ensureCompiled(spec, build);
      provingKeyPath = target;
      const partition = spec.system === 'groth16' ? undefined : checkedPartition(compiled);
      const { ptau, zkey } = { ptau: options.ptau, zkey: provingKeyPath };
      await reporter.stage(`setup of ${id} from ${ptau}`, async (onStep) =>
        setupFromPtau({
          r1csPath: compiled.r1csPath,
          ...(partition === undefined ? {} : { partition }),
          ptauPath: ptau,
          zkeyPath: zkey,
          engine: await engine.get(),
          onProgress: ({ stage, done }) => onStep(done, stage),
          signal,
        }),
      );
    }
    const key = readKeyOf(provingKeyPath);
    const hash = hex32(verificationKeyHash(key));
    if (options.out !== undefined)
      await writeJson(join(options.out, `${id}.verification-key.json`), formatVerificationKey(key));
    reporter.result(
      { ok: true, circuit: id, provingKey: provingKeyPath, verificationKeyHash: hash },
      listing([
        ['circuit', id],
        ['proving key', provingKeyPath],
        ['verification key hash', hash],
      ]),
    );
    return EXIT.valid;
  } finally {
    await engine.close();
  }
}
