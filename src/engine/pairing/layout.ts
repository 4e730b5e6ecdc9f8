/** Where things lie in the memory of the pairing module, and how large they are. All addresses below the first page's end belong to the module. */

/** Where constants begin. */
export const CONSTANTS_ADDRESS = 64;
/** Where the scratch memory of the functions begins: behind the constants. */
export const SCRATCH_ADDRESS = 4096;
/** Scratch memory ends with the first page; what follows belongs to the caller. */
export const PAGE_BYTES = 65_536;

export const FQ_BYTES = 32;
export const FQ2_BYTES = 2 * FQ_BYTES;
export const FQ6_BYTES = 3 * FQ2_BYTES;
export const FQ12_BYTES = 2 * FQ6_BYTES;
/** A scalar: an integer, little endian. */
export const SCALAR_BYTES = 32;
/** One line of a Miller loop: three coefficients. */
export const LINE_BYTES = 3 * FQ2_BYTES;
/** One pair of a product: address of the lines of Q, address of P. */
export const PAIR_BYTES = 8;
/** Multiples 0 … 15 of a point of G1, in projective coordinates. */
export const TABLE_POINTS = 16;
export const TABLE_BYTES = TABLE_POINTS * 3 * FQ_BYTES;
