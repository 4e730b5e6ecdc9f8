/** What a browser does not have. Reaching it is a defect: the bundle's own paths never do. */
export function noSystem(): never {
  throw new Error('this needs a file system or a process, which a browser does not have');
}
