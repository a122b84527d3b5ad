/** The form of a handler name: a DNS label, as on the server. The server also reserves some names. */
const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Description of valid names, to follow "use". */
export const NAME_FORM =
  'the letters a to z, digits and hyphens, a letter or digit at both ends, at most 63';

export function isHandlerName(word: string): boolean {
  return NAME.test(word);
}
