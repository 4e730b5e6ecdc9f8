/** `node:v8` in a browser: engines there have no flags to set. */
export const setFlagsFromString = (): void => undefined;
