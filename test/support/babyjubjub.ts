/** Points of BabyJubjub that break careless arithmetic. */
import { add, BABYJUBJUB_ORDER, type EdwardsPoint, IDENTITY, multiply } from '../../src/math/babyjubjub.js';

/** EIP-2494's generator of the whole group, of order 8·l. */
export const GENERATOR: EdwardsPoint = {
  x: 995203441582195749578291179787384436505546430278305826713579947235728471134n,
  y: 5472060717959818805561601436314318772137091100104008585924551046643952123905n,
};

/** The eight points whose order divides 8: the neutral one first, then the multiples of one of order 8. */
export function smallOrderPoints(): EdwardsPoint[] {
  const step = multiply(GENERATOR, BABYJUBJUB_ORDER);
  const points = [IDENTITY];
  for (let point = step; point.x !== 0n || point.y !== 1n; point = add(point, step)) points.push(point);
  return points;
}
