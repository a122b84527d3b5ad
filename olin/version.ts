/** The version of the runtime, the package's. */
export const VERSION = '0.1.0';
