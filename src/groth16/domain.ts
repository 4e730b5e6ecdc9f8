/** The evaluation domain of a circuit. */

/**
 * log₂ of the domain: the least power of two above rows + public inputs, at least 2. The rule of snarkjs: there is room
 * for the rows that bind the constant and each public input.
 */
export function domainLog(rows: number, publicInputs: number): number {
  let log = 1;
  while (2 ** log <= rows + publicInputs) log++;
  return log;
}
