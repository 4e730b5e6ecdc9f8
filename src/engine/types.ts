/**
 * The one interface of every engine: bulk arithmetic over BN254 on buffers that all its threads share.
 *
 * Memory layout, everywhere:
 * - a scalar or field element is 32 bytes, little endian; "Montgomery" means multiplied by 2^256 modulo its prime,
 *   "canonical" means the plain value below the prime;
 * - a G1 point is x ‖ y (64 bytes), a G2 point x.c0 ‖ x.c1 ‖ y.c0 ‖ y.c1 (128 bytes), affine, coordinates Montgomery;
 *   all bytes zero is the point at infinity. These are the bytes of snarkjs's `.zkey` sections.
 *
 * An engine has one owner, who calls `close()`. Methods that return a promise run on all threads; calls made while one
 * is running are queued in order. After `close()` every call rejects with `ENGINE_CLOSED`; when a worker dies, all
 * pending and later calls reject with `WORKER_DIED`. Results do not depend on the number of threads.
 */

/** A region of the engine's memory, aligned to 64 bytes. Valid until `free`. */
export type EngineBuffer = { readonly ptr: number; readonly sizeBytes: number };

/** Called now and then with the part of the running operation that is done, in [0, 1]. */
export type OnProgress = (done: number) => void;

/** `auto` takes the fastest engine there is. */
export type EngineKind = 'auto' | 'wasm' | 'native';

/** What a native engine computes with: AVX-512 IFMA, BMI2 and ADX, or what every processor has. */
export type NativeArithmetic = 'portable' | 'adx' | 'ifma';
/** What an engine computes with: WASM kernels, or those of the native engine. */
export type EngineArithmetic = 'wasm' | NativeArithmetic;

export type EngineOptions = {
  /** Default `auto`: native if it was built and works on this machine, else WASM. */
  readonly kind?: EngineKind;
  /** Worker threads to use, 1 up to 64; default: the machine's available parallelism. */
  readonly threads?: number;
  /**
   * False: the WASM engine does without relaxed SIMD. Default: it uses it where the runtime has it (browsers, Node 21 and later; Node 20
   * behind a flag that is set while the kernels are compiled) and a check at the start agrees. Results are the same.
   */
  readonly relaxedSimd?: boolean;
  /** Aborting it ends the workers at once; every pending call rejects with `CANCELLED`. */
  readonly signal?: AbortSignal;
};

export type Engine = {
  readonly name: 'wasm' | 'native';
  readonly threads: number;

  /** Reserves memory; contents are undefined. Throws EnvironmentError `OUT_OF_MEMORY` with the numbers. */
  alloc(sizeBytes: number): EngineBuffer;
  free(buffer: EngineBuffer): void;
  /** The bytes of a buffer (or a part of it), not a copy. */
  bytes(buffer: EngineBuffer, offsetBytes?: number, sizeBytes?: number): Uint8Array;
  /** Bytes in use now, and the most that were in use. */
  memory(): { readonly usedBytes: number; readonly peakBytes: number };

  /**
   * Fills a part of a buffer from an open file, on all threads, straight from the system's cache of the file.
   *
   * @param descriptor - Of the file; stays open until the promise settles.
   * @param position - First byte in the file.
   * @returns False where the system refuses or the file ends early: whoever knows the file's name reads again and says why.
   */
  readFile(
    descriptor: number,
    position: number,
    target: EngineBuffer,
    offsetBytes: number,
    sizeBytes: number,
  ): Promise<boolean>;

  /** In place: canonical to Montgomery and back, modulo r, `count` elements. */
  frToMontgomery(buffer: EngineBuffer, count: number): Promise<void>;
  frFromMontgomery(buffer: EngineBuffer, count: number): Promise<void>;
  /** out[i] = start · ratio^i. `start`, `ratio` canonical bigints; out in Montgomery form. */
  frPowers(out: EngineBuffer, count: number, start: bigint, ratio: bigint): Promise<void>;
  /** Element-wise products out[i] = a[i]·b[i], all Montgomery; out may be a or b. */
  frMultiply(out: EngineBuffer, a: EngineBuffer, b: EngineBuffer, count: number): Promise<void>;
  /** In place Montgomery inverses; zero stays zero. */
  frInvert(buffer: EngineBuffer, count: number): Promise<void>;
  /** In place transforms of 2^log elements in natural order, Montgomery; root of unity as in snarkjs (5^((r−1)/2^log)). */
  ntt(buffer: EngineBuffer, log: number): Promise<void>;
  intt(buffer: EngineBuffer, log: number): Promise<void>;

  /** Index of the first record (see {@link applyRows}) with a matrix above 1, a row from 2^log or a wire from `wires` on, or a value not below r. */
  findBadCoefficient(
    coefficients: EngineBuffer,
    count: number,
    wires: number,
    log: number,
  ): Promise<number | undefined>;
  /**
   * Rows of the constraint system applied to a witness, as snarkjs's `buildABC1`: `coefficients` are `count` records of
   * 44 bytes (matrix u32: 0 = A, 1 = B; row u32; wire u32; value·2^512, that is Montgomery twice, 32 bytes), exactly the records of zkey
   * section 4 without its leading count; `witness` is canonical. Fills a and b (2^log Montgomery elements each, zero
   * where no record falls) and c = a·b. Records may come in any order of rows.
   */
  applyRows(
    coefficients: EngineBuffer,
    count: number,
    witness: EngineBuffer,
    a: EngineBuffer,
    b: EngineBuffer,
    c: EngineBuffer,
    log: number,
  ): Promise<void>;
  /**
   * From evaluations on the domain to the scalars of the H section: intt, times powers of the 2^(log+1)-th root,
   * ntt, then a·b − c, left canonical in `a`. `b` and `c` are overwritten.
   */
  quotient(a: EngineBuffer, b: EngineBuffer, c: EngineBuffer, log: number): Promise<void>;

  /** Σ scalar[i]·point[i] over `count` pairs; scalars canonical. `Offset`s count elements, not bytes. 64 or 128 bytes out, affine. */
  msmG1(
    points: EngineBuffer,
    scalars: EngineBuffer,
    count: number,
    options?: MsmOptions,
  ): Promise<Uint8Array>;
  msmG2(
    points: EngineBuffer,
    scalars: EngineBuffer,
    count: number,
    options?: MsmOptions,
  ): Promise<Uint8Array>;
  /** Both sums for the same scalars, which an engine may sort once: 64 and 128 bytes out; `g2Ms` is the part of the time until that in G2. */
  msmG1G2(
    pointsG1: EngineBuffer,
    pointsG2: EngineBuffer,
    scalars: EngineBuffer,
    count: number,
    options?: Pick<MsmOptions, 'onProgress'>,
  ): Promise<{ readonly g1: Uint8Array; readonly g2: Uint8Array; readonly g2Ms: number }>;
  /** out[i] = scalar[i]·base; `base` 64 or 128 bytes as above, scalars canonical. */
  fixedBaseG1(
    base: Uint8Array,
    scalars: EngineBuffer,
    out: EngineBuffer,
    count: number,
    onProgress?: OnProgress,
  ): Promise<void>;
  fixedBaseG2(
    base: Uint8Array,
    scalars: EngineBuffer,
    out: EngineBuffer,
    count: number,
    onProgress?: OnProgress,
  ): Promise<void>;
  /** In place: every point times one canonical scalar. */
  scaleG1(points: EngineBuffer, count: number, scalar: bigint, onProgress?: OnProgress): Promise<void>;
  scaleG2(points: EngineBuffer, count: number, scalar: bigint, onProgress?: OnProgress): Promise<void>;
  /** Adds `second` to every point of `first` in place, element-wise. */
  addG1(first: EngineBuffer, second: EngineBuffer, count: number): Promise<void>;
  /**
   * Sparse sums of points, for setup from a `.ptau`: `terms` are `termCount` records of 40 bytes (output index u32, point
   * index u32, scalar canonical 32 bytes), sorted by output index. out[k] = Σ scalar·point over k's terms, infinity where there is none.
   */
  combineG1(
    points: EngineBuffer,
    terms: EngineBuffer,
    termCount: number,
    out: EngineBuffer,
    outCount: number,
    onProgress?: OnProgress,
  ): Promise<void>;
  combineG2(
    points: EngineBuffer,
    terms: EngineBuffer,
    termCount: number,
    out: EngineBuffer,
    outCount: number,
    onProgress?: OnProgress,
  ): Promise<void>;

  /** Ends all threads and frees the memory. Safe to call twice. */
  close(): Promise<void>;
};

export type MsmOptions = {
  /** First point and first scalar, in elements. */
  readonly pointOffset?: number;
  readonly scalarOffset?: number;
  readonly onProgress?: OnProgress;
};
