/** The head of an HTTP/1.1 response (RFC 9112 section 4), as the guest reads it. */
import type { Field } from './fields.ts';

/** Reason phrases for servers that gave none, as those that speak HTTP/2 do. */
const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** The bytes of a response's head, the empty line included. `fields` are taken as they are; a status without a common name has no reason. */
export function writeResponseHead(
  status: number,
  reason: string,
  fields: Iterable<Field>,
): Uint8Array<ArrayBuffer> {
  let text = `HTTP/1.1 ${status} ${reason === '' ? (REASONS[status] ?? '') : reason}\r\n`;
  for (const { name, value } of fields) text += `${name}: ${value}\r\n`;
  // Header values hold one character a byte.
  return Uint8Array.from(`${text}\r\n`, (character) => character.charCodeAt(0));
}
