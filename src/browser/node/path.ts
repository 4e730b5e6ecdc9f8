/** `node:path` in a browser: no paths. */
import { noSystem } from './no-system.js';

export const basename: () => never = noSystem;
export const dirname: () => never = noSystem;
export const join: () => never = noSystem;
export const resolve: () => never = noSystem;
