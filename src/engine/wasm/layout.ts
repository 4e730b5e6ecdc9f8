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
