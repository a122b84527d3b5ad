/** Quotes words for command lines to paste into a POSIX shell. */

export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Returns a path that cannot be mistaken for an option. */
export function toOperand(path: string): string {
  return path.startsWith('-') ? `./${path}` : path;
}
