/** `node:url` in a browser: scripts are named by their address. */
export const fileURLToPath = (url: URL): string => url.href;
