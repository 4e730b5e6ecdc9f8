/**
 * One run of ours as a whole process, for benchmarks; loads what its task needs. Prints what its stages took, as JSON.
 *
 *     node process.js prove <wasm|native> <threads> <key.zkey> <witness.wtns> <proof.json> <public.json>
 *     node process.js setup <wasm|native> <threads> <circuit.r1cs> <powers.ptau> <key.zkey>
 *     node process.js develop <wasm|native> <threads> <circuit.r1cs> <key.zkey>
 *     node process.js witness <program.wasm> <input.json> <witness.wtns>
 */
import { readFileSync, writeFileSync } from 'node:fs';

const [task, ...rest] = process.argv.slice(2);
const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const tell = (stagesMs: { readonly [stage: string]: number }): void => {
  process.stdout.write(`${JSON.stringify({ stagesMs })}\n`);
};

if (task === 'prove') {
  const [kind = '', threads = '', keyPath = '', witnessPath = '', proofPath = '', publicPath = ''] = rest;
  const [{ readWitness }, { prove }, { openProvingKey }, { formatProof }, { startEngine }] =
    await Promise.all([
      import('../formats/wtns.js'),
      import('../groth16/prove.js'),
      import('../groth16/proving-key.js'),
      import('../statement/keys.js'),
      import('./engines.js'),
    ]);
  const started = performance.now();
  const engine = await startEngine(kind, Number(threads));
  const engineMs = performance.now() - started;
  const key = await openProvingKey({ path: keyPath, engine });
  const { proof, publicInputs, timings } = await prove({ key, witness: readWitness(witnessPath) });
  writeFileSync(proofPath, JSON.stringify(formatProof(proof)));
  writeFileSync(publicPath, JSON.stringify(publicInputs.map(String)));
  const { loadMs } = await key.loaded;
  await key.close();
  await engine.close();
  const { total: _, ...stages } = timings;
  tell({ 'start engine': engineMs, 'load key': loadMs, ...stages });
} else if (task === 'setup') {
  const [kind = '', threads = '', r1csPath = '', ptauPath = '', zkeyPath = ''] = rest;
  const [{ setupFromPtau }, { startEngine }] = await Promise.all([
    import('../groth16/ptau-setup.js'),
    import('./engines.js'),
  ]);
  const engine = await startEngine(kind, Number(threads));
  await setupFromPtau({ r1csPath, ptauPath, zkeyPath, engine });
  await engine.close();
} else if (task === 'develop') {
  const [kind = '', threads = '', r1csPath = '', zkeyPath = ''] = rest;
  const [{ developmentSetup }, { startEngine }] = await Promise.all([
    import('../groth16/setup.js'),
    import('./engines.js'),
  ]);
  const engine = await startEngine(kind, Number(threads));
  await developmentSetup({ r1csPath, zkeyPath, engine, system: 'groth16' });
  await engine.close();
} else if (task === 'witness') {
  const [wasmPath = '', inputPath = '', witnessPath = ''] = rest;
  const [{ writeWitness }, { createWitnessSession }, { parseInput }] = await Promise.all([
    import('../formats/wtns.js'),
    import('../witness/session.js'),
    import('./inputs.js'),
  ]);
  const session = await createWitnessSession({ wasmPath });
  await writeWitness(witnessPath, await session.compute(parseInput(json(inputPath))));
  await session.close();
} else {
  console.error('expected prove, setup, develop or witness');
  process.exitCode = 2;
}
