/** Headers as they are typed: `Name: value`, one a line. */
import type { HeaderLine } from './call.ts';

export interface ReadHeaders {
  readonly headers: readonly HeaderLine[];
  /** A sentence on the first line that is no header. */
  readonly problem: string | undefined;
}

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

export function readHeaderLines(text: string): ReadHeaders {
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
    // A header's value is bytes, one a character.
    if (/[^\t\x20-\x7e\u0080-\u00ff]/.test(value)) {
      return refuse(at, 'has a character that no header may hold. Keep to letters of Latin-1.');
    }
    headers.push([name, value]);
  }
  return { headers, problem: undefined };
}

function refuse(at: number, what: string): ReadHeaders {
  return { headers: [], problem: `Line ${at + 1} ${what}` };
}
