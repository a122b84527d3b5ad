/** The head of an HTTP/1.1 response (RFC 9112 section 4), as the guest reads it. */
import type { Field } from './fields.ts';
import { STATUS_TEXTS } from './status-texts.ts';

/** The bytes of a response's head, the empty line included. `fields` are taken as they are; a status without a common name has no reason. */
export function writeResponseHead(
  status: number,
  reason: string,
  fields: Iterable<Field>,
): Uint8Array<ArrayBuffer> {
  let text = `HTTP/1.1 ${status} ${reason === '' ? (STATUS_TEXTS[status] ?? '') : reason}\r\n`;
  for (const { name, value } of fields) text += `${name}: ${value}\r\n`;
  // Header values hold one character a byte.
  return Uint8Array.from(`${text}\r\n`, (character) => character.charCodeAt(0));
}
