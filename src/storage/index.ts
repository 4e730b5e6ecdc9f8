/** `zkfinality/verify/node`: what the light client needs of Node. Everything else of verification is `zkfinality/verify`. */
export { fileStorage } from './file-storage.js';
