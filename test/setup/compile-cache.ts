/** The compile cache's variable for programs that inherit no environment, so that they use compiled code of others. */
const folder = process.env['NODE_COMPILE_CACHE'];

export const compileCache: Readonly<Record<string, string>> =
  folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
