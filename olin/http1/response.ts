/** Writes the head of an HTTP/1.1 response (RFC 9112 section 4). */
import type { Field } from './fields.ts';
import { STATUS_TEXTS } from './status-texts.ts';

/** Returns a response head, including the empty line. `fields` are not checked; unknown statuses have no reason phrase. */
export function writeResponseHead(
  status: number,
  reason: string,
  fields: Iterable<Field>,
): Uint8Array<ArrayBuffer> {
  let text = `HTTP/1.1 ${status} ${reason === '' ? (STATUS_TEXTS[status] ?? '') : reason}\r\n`;
  for (const { name, value } of fields) text += `${name}: ${value}\r\n`;
  // Header values have one character per byte.
  return Uint8Array.from(`${text}\r\n`, (character) => character.charCodeAt(0));
}
