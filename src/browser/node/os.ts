/** `node:os` in a browser. */
import { noSystem } from './no-system.js';

export const availableParallelism = (): number => navigator.hardwareConcurrency;
export const hostname: () => never = noSystem;
