import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createWitnessSession } from '../../src/witness/session.js';
import { compileCircuit } from '../support/circuit.js';

const source = `pragma circom 2.2.0;
template Main() {
    signal input a;
    signal input b;
    signal output c;
    c <== a * b;
    var sum = 0;
    for (var i = 0; i < 200000; i++) { sum += i; }
    signal d;
    d <== c * sum;
    _ <== d;
}
component main = Main();`;

describe('createWitnessSession', () => {
  it('default: gives the wires of the program, twice', async () => {
    const circuit = await compileCircuit(source);
    const session = await createWitnessSession({ wasmPath: circuit.wasmPath });
    const first = await session.compute({ a: 3n, b: 7n });
    const second = await session.compute({ a: 3n, b: 7n });
    expect(Buffer.from(first).equals(Buffer.from(second))).toBe(true);
    expect(first.length).toBe(circuit.wires * 32);
    expect(first[0]).toBe(1);
    await session.close();
  });

  it('error: codes cross the thread, and the session goes on', async () => {
    const circuit = await compileCircuit(source);
    const session = await createWitnessSession({ wasmPath: circuit.wasmPath });
    await expect(session.compute({ a: 3n })).rejects.toMatchObject({ code: 'INPUT_MISSING', kind: 'usage' });
    await expect(session.compute({ a: 3n, b: 7n })).resolves.toBeInstanceOf(Uint8Array);
    await session.close();
    await expect(session.compute({ a: 3n, b: 7n })).rejects.toMatchObject({ code: 'WITNESS_CLOSED' });
    await session.close();
  });

  it('error: WITNESS_BUSY for a second call while the first runs', async () => {
    const circuit = await compileCircuit(source);
    const session = await createWitnessSession({ wasmPath: circuit.wasmPath });
    const first = session.compute({ a: 3n, b: 7n });
    await expect(session.compute({ a: 3n, b: 7n })).rejects.toMatchObject({ code: 'WITNESS_BUSY' });
    await first;
    await session.close();
  });

  it('error: CANCELLED when the signal aborts, before or during', async () => {
    const circuit = await compileCircuit(source);
    const controller = new AbortController();
    const session = await createWitnessSession({ wasmPath: circuit.wasmPath, signal: controller.signal });
    const call = session.compute({ a: 3n, b: 7n });
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
    await session.close();
    const late = await createWitnessSession({ wasmPath: circuit.wasmPath, signal: controller.signal });
    await expect(late.compute({ a: 3n, b: 7n })).rejects.toMatchObject({ code: 'CANCELLED' });
    await late.close();
  });

  it('error: WORKER_HUNG when the program does not end; the thread does', async () => {
    const circuit = await compileCircuit(`pragma circom 2.2.0;
function forever(a) {
  var v = a;
  while (v != 0) { v = v + a; v = v - a; }
  return v;
}
template Loop() {
  signal input a;
  signal output zero;
  // SOUND: the next line.
  zero <-- forever(a);
  zero === 0;
}
component main = Loop();`);
    const session = await createWitnessSession({ wasmPath: circuit.wasmPath, patienceMs: 500 });
    expect((await session.compute({ a: 0n })).length).toBe(32 * circuit.wires);
    await expect(session.compute({ a: 1n })).rejects.toMatchObject({ code: 'WORKER_HUNG' });
    await expect(session.compute({ a: 0n })).rejects.toMatchObject({ code: 'WORKER_HUNG' });
    await session.close();
    const next = await createWitnessSession({ wasmPath: circuit.wasmPath });
    expect((await next.compute({ a: 0n })).length).toBe(32 * circuit.wires);
    await next.close();
  });

  it('behavior: the process ends by itself with a session that nobody closed, used or not', async () => {
    const circuit = await compileCircuit(source);
    const session = pathToFileURL('dist/witness/session.js').href;
    for (const use of ['', 'await session.compute({ a: 3n, b: 7n });']) {
      const script = `
        import { createWitnessSession } from ${JSON.stringify(session)};
        const session = await createWitnessSession({ wasmPath: ${JSON.stringify(circuit.wasmPath)} });
        ${use}
        console.log('done');`;
      const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
        encoding: 'utf8',
        timeout: 20_000,
      });
      expect({ stdout: run.stdout, stderr: run.stderr, status: run.status }).toMatchObject({
        stdout: 'done\n',
        status: 0,
      });
    }
  });
});
