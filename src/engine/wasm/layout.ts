/** Fixed addresses and record sizes that the kernels, the workers and the engine agree on. */

/** Most pages of 64 KiB that the memory may have: 4 GiB. */
export const MAXIMUM_PAGES = 65536;
/** Where the shared counter of claimed chunks lies. */
export const COUNTER_ADDRESS = 64;
/** A point at infinity: the bytes from here to the constants are never written. */
export const INFINITY_ADDRESS = 128;
/** Where constants begin. */
export const CONSTANTS_ADDRESS = 1024;
/** First address that constants do not use. */
export const CONSTANTS_END = 4096;
/** Bytes of one record of an addition list: first, second, result, kind. */
export const ADDITION_BYTES = 16;
/** Bytes of a coefficient record: matrix, row, wire, value. */
export const COEFFICIENT_BYTES = 44;
/**
 * Bytes of a window in the plan of a sum of products, and where its words lie: how many entries (scalars that have this digit); addresses
 * of digits (16 bits each), of entries sorted by bucket (32), of the ends of the buckets' runs (32, the first 0) and of the buckets; how
 * many buckets; its first slice among those of all windows.
 */
export const WINDOW_BYTES = 32;
export const WINDOW = {
  entries: 0,
  digits: 4,
  sorted: 8,
  ends: 12,
  buckets: 16,
  bucketCount: 20,
  firstSlice: 24,
} as const;
/** Words of a histogram of bit lengths: one for each, the last counts scalars that are not canonical. */
export const HISTOGRAM_WORDS = 256;
