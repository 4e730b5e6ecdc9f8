/** Points as @noble/curves has them. */
import { bn254 } from '@noble/curves/bn254.js';
import type { G1, G2 } from './types.js';

/** The library's point. Requires: `g1Fault` found nothing. */
export function toG1(point: G1): InstanceType<typeof bn254.G1.Point> {
  return bn254.G1.Point.fromAffine(point);
}

/** The library's point. Requires: coordinates below q. */
export function toG2(point: G2): InstanceType<typeof bn254.G2.Point> {
  return bn254.G2.Point.fromAffine({
    x: { c0: point.x[0], c1: point.x[1] },
    y: { c0: point.y[0], c1: point.y[1] },
  });
}
