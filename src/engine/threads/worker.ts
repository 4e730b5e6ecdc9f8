/** A worker thread: instantiates the kernels on the shared memory, then claims chunks of one phase after the other. */
import { parentPort } from 'node:worker_threads';
import { FILE_TASKS } from '../files/tasks.js';
import { POINT_TASKS } from '../points/tasks.js';
import { SCALAR_TASKS } from '../scalars/tasks.js';
import { COUNTER_ADDRESS } from '../wasm/layout.js';
import type { Kernels, Phase, Task, TaskContext, WorkerReport, WorkerStart } from './task.js';

const TASKS: Readonly<Record<string, Task>> = { ...SCALAR_TASKS, ...POINT_TASKS, ...FILE_TASKS };

function createContext(start: WorkerStart, kernels: Kernels): TaskContext {
  // Growing by nothing makes growth by another thread visible here.
  start.memory.grow(0);
  const { buffer } = start.memory;
  return {
    kernels,
    bytes: new Uint8Array(buffer),
    halves: new Uint16Array(buffer),
    words: new Uint32Array(buffer),
    thread: start.thread,
    threads: start.threads,
  };
}

function runPhase(context: TaskContext, phase: Phase): void {
  const task = TASKS[phase.task];
  if (task === undefined) throw new RangeError(`task ${phase.task}: unknown`);
  const counter = new Int32Array(context.bytes.buffer, COUNTER_ADDRESS, 1);
  for (;;) {
    const chunk = Atomics.add(counter, 0, 1);
    if (chunk >= phase.chunks) return;
    task(context, phase.args, chunk);
  }
}

const report = (message: WorkerReport): void => parentPort?.postMessage(message);

function begin(start: WorkerStart): void {
  const instance = new WebAssembly.Instance(start.module, {
    env: { memory: start.memory, scratch: new WebAssembly.Global({ value: 'i32' }, start.scratch) },
  });
  const kernels = instance.exports as unknown as Kernels;
  parentPort?.on('message', (phase: Phase) => {
    try {
      runPhase(createContext(start, kernels), phase);
      report({ kind: 'done' });
    } catch (cause) {
      report({ kind: 'failed', message: cause instanceof Error ? cause.message : String(cause) });
    }
  });
  report({ kind: 'ready' });
}

parentPort?.once('message', begin);
