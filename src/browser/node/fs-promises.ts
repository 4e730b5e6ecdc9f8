/** `node:fs/promises` in a browser: none of it. */
import { noSystem } from './no-system.js';

export const open: () => never = noSystem;
export const readdir: () => never = noSystem;
export const realpath: () => never = noSystem;
export const rename: () => never = noSystem;
export const stat: () => never = noSystem;
export const unlink: () => never = noSystem;
