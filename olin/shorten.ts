/** Shortens text from a guest so that it can be stored, quoted or logged. */

/** Maximum characters of a quoted or stored URL. */
export const MAX_SHOWN_URL = 500;
/** Maximum characters of a quoted or stored function, import or export name. */
export const MAX_SHOWN_NAME = 128;

/** Maximum characters of an error message, which may quote text from a guest or a module. */
export const MAX_MESSAGE = 1500;

/** Returns at most `max` characters; the last one is an ellipsis if the text was longer. */
export function shorten(text: string, max: number): string {
  // A lone surrogate would make databases reject the text.
  return text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`;
}
