/** What a worker thread runs: tasks over numbered chunks, in memory that all threads share. */

/** Functions of the kernels' module by name; all parameters and results are i32. */
export type Kernels = Readonly<Record<string, (...args: number[]) => number>>;

/** What a task sees of its thread. The views cover the whole memory. */
export type TaskContext = {
  readonly kernels: Kernels;
  readonly bytes: Uint8Array;
  readonly halves: Uint16Array;
  readonly words: Uint32Array;
  /** This thread's number, and how many there are. */
  readonly thread: number;
  readonly threads: number;
};

/** Works on one chunk. Chunks are independent: any thread may run any of them, in any order. */
export type Task = (context: TaskContext, args: readonly number[], chunk: number) => void;

/** One parallel step: every chunk below `chunks` is run once by some thread. */
export type Phase = {
  readonly task: string;
  readonly args: readonly number[];
  readonly chunks: number;
};

/** What a worker needs to begin. */
export type WorkerStart = {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly scratch: number;
  readonly thread: number;
  readonly threads: number;
};

/** From a worker: ready after the start, done after each phase, or what went wrong in it. */
export type WorkerReport =
  | { readonly kind: 'ready' | 'done' }
  | { readonly kind: 'failed'; readonly message: string };

/** Calls a kernel by name. */
export function kernel(context: TaskContext, name: string): (...args: number[]) => number {
  const found = context.kernels[name];
  if (found === undefined) throw new RangeError(`kernel ${name}: not in the module`);
  return found;
}
