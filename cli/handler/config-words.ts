/** Parses the arguments of `config set` and `config unset`: an optional handler, then keys. */
import { isHandlerName } from './handler-name.ts';

const KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function isKey(word: string): boolean {
  return KEY.test(word);
}

/**
 * Takes the first word as the handler if it is a valid handler name and enough words remain. Names are in lower case,
 * which keys seldom are.
 *
 * @param minKeys the number of words that must remain
 */
export function splitHandler(
  words: readonly string[],
  minKeys: number,
): { readonly name: string | undefined; readonly rest: readonly string[] } {
  const [first, ...rest] = words;
  return first !== undefined && isHandlerName(first) && rest.length >= minKeys
    ? { name: first, rest }
    : { name: undefined, rest: words };
}
