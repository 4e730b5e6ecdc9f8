/** `node:fs` in a browser: no files. What this package's readers need they are given as bytes. */
import { noSystem } from './no-system.js';

/** Scripts beside this one are there: the browser has loaded them or fails when it does not. */
export const existsSync = (): boolean => true;
export const closeSync: () => never = noSystem;
export const fstatSync: () => never = noSystem;
export const mkdirSync: () => never = noSystem;
export const openSync: () => never = noSystem;
export const readSync: () => never = noSystem;
export const statSync: () => never = noSystem;
export const createReadStream: () => never = noSystem;
