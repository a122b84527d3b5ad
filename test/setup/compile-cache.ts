/** For the environment of a program that is given nothing else of this one: it need not compile what others did. */
const folder = process.env['NODE_COMPILE_CACHE'];

export const compileCache: Readonly<Record<string, string>> =
  folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
