/** snarkjs 0.7.6 as an oracle, in this process. */
type Snarkjs = {
  readonly groth16: {
    readonly verify: (key: unknown, signals: unknown, proof: unknown) => Promise<boolean>;
  };
};

const name = 'snarkjs';
const library = (await import(name)) as Snarkjs;

/** `accepts`, `refuses`, or the name of the error that it threw. */
export async function snarkjs(key: unknown, signals: unknown, proof: unknown): Promise<string> {
  try {
    return (await library.groth16.verify(key, signals, proof)) ? 'accepts' : 'refuses';
  } catch (error) {
    return error instanceof Error ? error.name : typeof error;
  }
}

/** Ends its threads. */
export async function closeSnarkjs(): Promise<void> {
  await (globalThis as { curve_bn128?: { terminate: () => Promise<void> } }).curve_bn128?.terminate();
}
