/**
 * Checks of single fields of a CGI reply's header. Each throws a MessageError that says what was found and what to
 * print.
 */
import { isHopByHop, MessageError, showBytes } from '../http1/fields.ts';

export const ADVICE = 'Print "Content-Type: text/plain", then an empty line, then the body';

export function describeNoHeader(line: string): string {
  return `The reply has no header: it began with ${showBytes(line)}. ${ADVICE}`;
}

export function checkFirstLine(line: string): void {
  if (/^HTTP\/\d/.test(line)) {
    throw new MessageError(
      `The reply began with ${showBytes(line)}, as a complete HTTP response does. Remove that line, and print "Status: 200 OK" to set a status`,
    );
  }
  if (!line.includes(':')) throw new MessageError(describeNoHeader(line));
}

export function parseStatus(value: string): [status: number, reason: string] {
  const [, digits, reason = ''] = /^(\d{3})(?:[ \t]+(.*))?$/.exec(value) ?? [];
  const status = Number(digits);
  if (digits === undefined || status < 200 || status > 599) {
    throw new MessageError(
      `Status is ${showBytes(value)}. Print three digits from 200 to 599 and a reason, such as "Status: 404 Not Found"`,
    );
  }
  return [status, reason];
}

export function checkLocation(value: string): void {
  if (/^\/[\x21-\x7e]*$/.test(value)) return;
  if (/^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i.test(value)) return;
  throw new MessageError(
    `Location is ${showBytes(value)}. Print an absolute URL or a path that begins with "/", and percent-encode spaces and similar characters`,
  );
}

export function isPassedOn(name: string, status: number): boolean {
  if (name === 'status' || name.startsWith('x-cgi-') || isHopByHop(name)) return false;
  return !(name === 'content-length' && (status === 204 || status === 205));
}
