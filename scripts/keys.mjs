/**
 * Rebuilds what is committed about circuits: development verification keys, their manifest, and the figures of each circuit.
 *
 *   npm run keys                     all circuits: some 10 million rows, about 20 minutes on two quiet cores, up to 4 GB of memory, 12 GB of cache
 *   npm run keys -- committee-64 …   these circuits only; entries of the others stay as they are
 *
 * A changed verification key is a breaking change: say so in the changelog. The proofs of `examples/demo` follow their keys.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, installDependencies, root, run } from './prepare.mjs';

installDependencies();
build();

const at = (path) => join(root, 'dist', path);
const { CIRCUITS, circuitById } = await import(at('build/registry.js'));
const { ensureArtifacts, measureCircuit, readFigures } = await import(at('build/artifacts.js'));
const { cacheFolder, figuresPath, keysFolder } = await import(at('build/paths.js'));
const { createEngine } = await import(at('engine/index.js'));
const { writeFileAtomically } = await import(at('formats/atomic-file.js'));
const { formatManifest, parseManifest } = await import(at('statement/documents.js'));
const { formatVerificationKey } = await import(at('statement/keys.js'));

const MANIFEST_NAME = 'zkfinality-development';
/** Of the proofs in `examples/demo`. */
const DEMO_CIRCUITS = ['istanbul-qbft-4', 'istanbul-registration-4'];

const named = process.argv.slice(2);
const specs = named.length > 0 ? named.map((id) => circuitById(id)) : CIRCUITS;
const known = new Set(CIRCUITS.map((spec) => spec.id));
const manifestPath = join(keysFolder, 'manifest.json');
const before = existsSync(manifestPath)
  ? parseManifest(JSON.parse(readFileSync(manifestPath, 'utf8'))).keys
  : [];
const entries = new Map(
  before.filter((entry) => known.has(entry.circuit)).map((entry) => [entry.circuit, entry]),
);
const figures = Object.fromEntries(Object.entries(readFigures(figuresPath)).filter(([id]) => known.has(id)));

const writeJson = (path, value) => writeFileAtomically(path, `${JSON.stringify(value, undefined, 2)}\n`);
const stage = async (name, work) => {
  const started = performance.now();
  const result = await work(() => {});
  console.log(`${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return result;
};

let engine;
try {
  for (const spec of specs) {
    const artifacts = await ensureArtifacts(spec, {
      cacheFolder: cacheFolder(),
      engine: async () => (engine ??= await createEngine()),
      stage,
    });
    const file = `${spec.id}.json`;
    await writeJson(join(keysFolder, file), formatVerificationKey(artifacts.verificationKey));
    entries.set(spec.id, {
      circuit: spec.id,
      verificationKeyHash: artifacts.verificationKeyHash,
      kind: 'development',
      circuitHash: artifacts.circuitHash,
      file,
    });
    figures[spec.id] = measureCircuit(artifacts);
    console.log(`${spec.id}: ${JSON.stringify(figures[spec.id])}`);
  }
} finally {
  await engine?.close();
}
const inOrder = CIRCUITS.map((spec) => spec.id);
const keys = inOrder.flatMap((id) => entries.get(id) ?? []);
await writeJson(manifestPath, formatManifest({ name: MANIFEST_NAME, keys }));
await writeJson(
  figuresPath,
  Object.fromEntries(inOrder.filter((id) => figures[id]).map((id) => [id, figures[id]])),
);

const hashOf = (keys, id) => keys.find(({ circuit }) => circuit === id)?.verificationKeyHash;
if (DEMO_CIRCUITS.some((id) => hashOf(keys, id) !== hashOf(before, id)))
  run(process.execPath, [join(root, 'scripts/demo-proofs.mjs')]);
