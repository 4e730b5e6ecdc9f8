/** The second round in its own thread: the results of `createSecondRound`, its errors, and its end. */
import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeWitness, readR1cs } from '../../src/formats/r1cs.js';
import { readSymbols } from '../../src/formats/symbols.js';
import { type Partition, partitionByNames, partitionOf } from '../../src/groth16/partition.js';
import { createSecondRound } from '../../src/groth16/second-round.js';
import { createSecondRoundSession } from '../../src/groth16/second-round-session.js';
import { compileCircuit, type TestCircuit } from '../support/circuit.js';
import { lookupCircuitSource, lookupInput } from './lookup-circuit.js';

describe('createSecondRoundSession', () => {
  let circuit: TestCircuit;
  let partition: Partition;
  let witness: Uint8Array;
  beforeAll(async () => {
    circuit = await compileCircuit(lookupCircuitSource);
    partition = partitionByNames(readR1cs(circuit.r1csPath), readSymbols(circuit.symPath))!;
    witness = encodeWitness(await circuit.witness({ ...lookupInput, x: 5n } as never));
  });
  const open = (signal?: AbortSignal) =>
    createSecondRoundSession({
      r1csPath: circuit.r1csPath,
      partition,
      ...(signal === undefined ? {} : { signal }),
    });

  it('default: the wires of createSecondRound, several times; the witness stays as it is', async () => {
    const here = createSecondRound(readR1cs(circuit.r1csPath), partition)!;
    const session = await open();
    expect(await Promise.all([session.prepare(), session.prepare()])).toEqual([true, true]);
    const before = witness.slice();
    for (const x of [300n, 1n << 200n]) {
      expect(Buffer.compare(await session.solve(witness, x), here.solve(witness, x))).toBe(0);
      expect(Buffer.compare(witness, before)).toBe(0);
    }
    await session.close();
  });

  it('behavior: false where there is no order', async () => {
    const everything = partitionOf(partition.wireCount, partition.publicCount, () => true);
    const session = await createSecondRoundSession({ r1csPath: circuit.r1csPath, partition: everything });
    expect(await session.prepare()).toBe(false);
    await expect(session.solve(witness, 7n)).rejects.toMatchObject({ code: 'WITNESS_FAILED' });
    await session.close();
  });

  it('error: codes cross the thread, and the session goes on', async () => {
    const session = await open();
    await session.prepare();
    const forged = witness.slice();
    const at = 32 * circuit.wire('main.counts[3]')!;
    forged[at] = forged[at]! ^ 1;
    await expect(session.solve(forged, 12345n)).rejects.toMatchObject({
      code: 'WITNESS_UNSATISFIED',
      kind: 'usage',
    });
    await expect(session.solve(witness, 12345n)).resolves.toBeInstanceOf(Uint8Array);
    await session.close();
    await expect(session.solve(witness, 12345n)).rejects.toMatchObject({ code: 'WITNESS_CLOSED' });
    await session.close();
    const missing = await createSecondRoundSession({ r1csPath: `${circuit.r1csPath}.gone`, partition });
    await expect(missing.prepare()).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', kind: 'file' });
    await missing.close();
  });

  it('error: CANCELLED when the signal aborts, before or during', async () => {
    const controller = new AbortController();
    const session = await open(controller.signal);
    const preparing = session.prepare();
    controller.abort();
    await expect(preparing).rejects.toMatchObject({ code: 'CANCELLED' });
    await session.close();
    const late = await open(controller.signal);
    await expect(late.prepare()).rejects.toMatchObject({ code: 'CANCELLED' });
    await late.close();
  });

  it('behavior: the process ends by itself with a session that nobody closed', () => {
    const script = `
      import { createSecondRoundSession } from ${JSON.stringify(pathToFileURL('dist/groth16/second-round-session.js').href)};
      const partition = { wireCount: ${partition.wireCount}, publicCount: ${partition.publicCount},
        first: Uint32Array.of(${partition.first.join()}), second: Uint32Array.of(${partition.second.join()}) };
      const session = await createSecondRoundSession({ r1csPath: ${JSON.stringify(circuit.r1csPath)}, partition });
      console.log(await session.prepare());`;
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect({ stdout: run.stdout, status: run.status, stderr: run.stderr }).toMatchObject({
      stdout: 'true\n',
      status: 0,
    });
  });
});
