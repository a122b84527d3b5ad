/** Text of a guest's, made short enough to be kept, quoted or logged. */

/** Characters of a URL where one is quoted or kept. */
export const MAX_SHOWN_URL = 500;
/** Characters of the name of a function, an import or an export where one is quoted or kept. */
export const MAX_SHOWN_NAME = 128;

/** Characters of the message of an error, which may quote what a guest or a module says. */
export const MAX_MESSAGE = 1500;

/** At most `max` characters, the last one an ellipsis if the text was longer. */
export function shorten(text: string, max: number): string {
  // A cut between two halves of a character would leave text that databases refuse.
  return text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`;
}
