/** Words of command lines that a person may paste into a POSIX shell. */

export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A path that no command takes for an option. */
export function toOperand(path: string): string {
  return path.startsWith('-') ? `./${path}` : path;
}
