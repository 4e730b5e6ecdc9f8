/** Keys of ceremonies, from circuits compiled by circom: proofs made with them are accepted. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.js';
import type { Engine } from '../../src/engine/types.js';
import { encodeWitness, readR1cs, rowTerms } from '../../src/formats/r1cs.js';
import { readSymbols } from '../../src/formats/symbols.js';
import { beacon, contribute } from '../../src/groth16/ceremony.js';
import { verifyCeremony } from '../../src/groth16/ceremony-verify.js';
import { encodePartition, partitionByNames } from '../../src/groth16/partition.js';
import { prove } from '../../src/groth16/prove.js';
import { exportVerificationKey, loadProvingKey } from '../../src/groth16/proving-key.js';
import { setupFromPtau } from '../../src/groth16/ptau-setup.js';
import { writeDevelopmentPtau } from '../../src/groth16/ptau-write.js';
import { formatProof, formatVerificationKey } from '../../src/statement/keys.js';
import { prepareKey, verifyProof } from '../../src/verify/index.js';
import { compileCircuit, type TestCircuit } from '../support/circuit.js';
import { snarkjs, snarkjsScript } from './ceremony-support.js';
import { lookupCircuitSource, lookupInput, plainCircuitSource } from './lookup-circuit.js';

const folder = mkdtempSync(join(tmpdir(), 'ceremony-prove-test-'));
const at = (name: string) => join(folder, name);
const ptauPath = at('9.ptau');
const beaconHash = new Uint8Array(32).fill(17);
let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 2 });
  await writeDevelopmentPtau({ path: ptauPath, power: 9, engine });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a plain circuit', () => {
  let circuit: TestCircuit;
  beforeAll(async () => {
    circuit = await compileCircuit(plainCircuitSource);
    await setupFromPtau({ r1csPath: circuit.r1csPath, ptauPath, zkeyPath: at('p0.zkey'), engine });
    await contribute({ zkeyPath: at('p0.zkey'), outPath: at('p1.zkey'), engine, name: 'ours' });
    snarkjsScript(
      `await snarkjs.zKey.contribute(${JSON.stringify(at('p1.zkey'))}, ${JSON.stringify(at('p2.zkey'))}, 'theirs', 'y');`,
      4,
    );
    await beacon({ zkeyPath: at('p2.zkey'), outPath: at('p3.zkey'), engine, beaconHash, iterationsExp: 10 });
  });

  it('default: the initial key has the bytes of snarkjs', () => {
    snarkjs('groth16', 'setup', circuit.r1csPath, ptauPath, at('s0.zkey'));
    expect(readFileSync(at('p0.zkey')).equals(readFileSync(at('s0.zkey')))).toBe(true);
  });

  it('behavior: a ceremony of both tools is accepted by both', async () => {
    const options = { zkeyPath: at('p3.zkey'), r1csPath: circuit.r1csPath, ptauPath, engine };
    expect(await verifyCeremony(options)).toMatchObject({
      ok: true,
      hasDevelopmentPowers: true,
      contributions: [{ name: 'ours' }, { name: 'theirs' }, { kind: 'beacon' }],
    });
    expect(snarkjs('zkey', 'verify', circuit.r1csPath, ptauPath, at('p3.zkey'))).toContain('ZKey Ok!');
  });

  it('behavior: a proof with the final key is accepted by us and by snarkjs', async () => {
    const key = await loadProvingKey({ path: at('p3.zkey'), engine });
    const witness = encodeWitness(await circuit.witness({ a: 3n, b: 5n }));
    const { proof, publicInputs } = await prove({ key, witness });
    key.close();
    const verificationKey = exportVerificationKey(at('p3.zkey'));
    expect(verifyProof(prepareKey(verificationKey), proof, publicInputs)).toEqual({ ok: true });
    expect(verifyProof(prepareKey(exportVerificationKey(at('p2.zkey'))), proof, publicInputs)).toMatchObject({
      ok: false,
    });
    writeFileSync(at('vk.json'), JSON.stringify(formatVerificationKey(verificationKey)));
    writeFileSync(at('proof.json'), JSON.stringify(formatProof(proof)));
    writeFileSync(at('public.json'), JSON.stringify(publicInputs.map(String)));
    expect(snarkjs('groth16', 'verify', at('vk.json'), at('public.json'), at('proof.json'))).toContain('OK!');
  });

  it('error: the initial key is KEY_WEAK for the prover', async () => {
    await expect(loadProvingKey({ path: at('p0.zkey'), engine })).rejects.toMatchObject({ code: 'KEY_WEAK' });
  });
});

describe('a two-round circuit', () => {
  let circuit: TestCircuit;
  let partition: Uint8Array;
  beforeAll(async () => {
    circuit = await compileCircuit(lookupCircuitSource);
    partition = encodePartition(partitionByNames(readR1cs(circuit.r1csPath), readSymbols(circuit.symPath))!);
    const { r1csPath } = circuit;
    await setupFromPtau({ r1csPath, ptauPath, zkeyPath: at('t0.zkey'), engine, partition });
    await contribute({ zkeyPath: at('t0.zkey'), outPath: at('t1.zkey'), engine });
    await beacon({ zkeyPath: at('t1.zkey'), outPath: at('t2.zkey'), engine, beaconHash, iterationsExp: 10 });
  });

  it('default: the ceremony verifies, and a proof with the final key is accepted', async () => {
    const result = await verifyCeremony({
      zkeyPath: at('t2.zkey'),
      r1csPath: circuit.r1csPath,
      ptauPath,
      engine,
      partition,
    });
    expect(result).toMatchObject({ ok: true });
    const key = await loadProvingKey({ path: at('t2.zkey'), engine });
    const source = async (x: bigint) => encodeWitness(await circuit.witness({ ...lookupInput, x }));
    const { proof, publicInputs } = await prove({ key, witness: source });
    key.close();
    const prepared = prepareKey(exportVerificationKey(at('t2.zkey')));
    expect(verifyProof(prepared, proof, publicInputs)).toEqual({ ok: true });
    expect(verifyProof(prepared, proof, [publicInputs[0]! + 1n])).toMatchObject({
      ok: false,
      code: 'PROOF_INVALID',
    });
    const other = prepareKey(exportVerificationKey(at('t1.zkey')));
    expect(verifyProof(other, proof, publicInputs)).toMatchObject({ ok: false, code: 'PROOF_INVALID' });
  });

  it('error: the initial key is KEY_WEAK for the prover', async () => {
    await expect(loadProvingKey({ path: at('t0.zkey'), engine })).rejects.toMatchObject({ code: 'KEY_WEAK' });
  });

  it('behavior: rows and names are those that another reader finds', () => {
    const r1cs = readR1cs(circuit.r1csPath);
    const symbols = readSymbols(circuit.symPath);
    const sorted = (terms: readonly (readonly [number, bigint])[]) => [...terms].sort(([a], [b]) => a - b);
    for (const [row, expected] of circuit.rows.entries()) {
      for (const matrix of ['a', 'b', 'c'] as const) {
        const terms = rowTerms(r1cs, matrix, row).map(({ wire, value }) => [wire, value] as const);
        expect(sorted(terms)).toEqual(sorted(expected[matrix]));
      }
    }
    for (let line = 0; line < symbols.count; line++) {
      const wire = symbols.wires[line]!;
      if (wire >= 0) expect(circuit.names(wire)).toContain(symbols.name(line));
    }
  });
});
