/** `node:process` in a browser. */
export const versions: { readonly node: string } = { node: '' };
