/** The two primes of BN254, from the curve's parameter x: q = 36x⁴ + 36x³ + 24x² + 6x + 1, r = q − 6x² (Barreto, Naehrig, SAC 2005). */
const PARAMETER = 4965661367192848881n;
const TRACE_MINUS_ONE = 6n * PARAMETER ** 2n;

/** q, prime of the base field: coordinates. */
export const COORDINATE_MODULUS: bigint =
  (TRACE_MINUS_ONE + 6n * PARAMETER + 4n) * TRACE_MINUS_ONE + 6n * PARAMETER + 1n;
/** r, order of the groups: scalars, circuit wires, public inputs. */
export const FIELD_MODULUS: bigint = COORDINATE_MODULUS - TRACE_MINUS_ONE;
