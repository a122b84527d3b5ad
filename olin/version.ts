/** The version of the runtime; equals that of the package. */
export const VERSION = '0.1.0';
