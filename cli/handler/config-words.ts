/** Parses the arguments of `config set` and `config unset`: an optional handler, then keys. */
import { isHandlerName } from './handler-name.ts';

const KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function isKey(word: string): boolean {
  return KEY.test(word);
}

/**
 * The first word is the handler where it has the form of a name and leaves enough words for keys. Names are in lower
 * case, as keys seldom are.
 *
 * @param least words that are no handler
 */
export function splitHandler(
  words: readonly string[],
  least: number,
): { readonly name: string | undefined; readonly rest: readonly string[] } {
  const [first, ...rest] = words;
  return first !== undefined && isHandlerName(first) && rest.length >= least
    ? { name: first, rest }
    : { name: undefined, rest: words };
}
