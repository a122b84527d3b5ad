/** Parses headers typed as `Name: value`, one per line. */
import type { HeaderLine } from './call.ts';

export interface ParsedHeaders {
  readonly headers: readonly HeaderLine[];
  /** Describes the first invalid line. */
  readonly problem: string | undefined;
}

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

export function readHeaderLines(text: string): ParsedHeaders {
  const headers: HeaderLine[] = [];
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).trim();
    const value = line.slice(colon + 1).trim();
    if (colon === -1) return refuse(at, 'has no colon. Write "Name: value".');
    if (!NAME.test(name)) {
      return refuse(at, 'has a name that HTTP does not allow. Use letters, digits and dashes.');
    }
    // A header value is a byte string: each character must fit in one byte.
    if (/[^\t\x20-\x7e\u0080-\u00ff]/.test(value)) {
      return refuse(
        at,
        'has a character that headers cannot contain. Use only Latin-1 characters.',
      );
    }
    headers.push([name, value]);
  }
  return { headers, problem: undefined };
}

function refuse(at: number, what: string): ParsedHeaders {
  return { headers: [], problem: `Line ${at + 1} ${what}` };
}
