/** A call as a line for a terminal. */

export interface CurlCall {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Empty: none. */
  readonly body: string;
  /** The handler is private: the line takes the token from the environment, so that it stands in no history. */
  readonly needsToken: boolean;
}

export const TOKEN_VARIABLE = 'TRISIEL_TOKEN';

/** For bash and zsh; control characters are spelled out, so that pasting the line does nothing but paste it. */
export function curlLine({ method, url, headers, body, needsToken }: CurlCall): string {
  const parts = ['curl'];
  if (method === 'HEAD') parts.push('--head');
  else if (method !== (body === '' ? 'GET' : 'POST')) parts.push('-X', quote(method));
  parts.push(quote(url));
  if (needsToken) parts.push('-H', `"Authorization: Bearer $${TOKEN_VARIABLE}"`);
  for (const [name, value] of headers) {
    // With a colon, curl would take an empty header away.
    parts.push('-H', quote(value === '' ? `${name};` : `${name}: ${value}`));
  }
  if (body !== '') {
    // Where the caller says no type, curl would call it a form, and a browser text.
    if (!headers.some(([name]) => name.toLowerCase() === 'content-type')) {
      parts.push('-H', quote('Content-Type: text/plain;charset=UTF-8'));
    }
    parts.push('--data-raw', quote(body));
  }
  return parts.join(' ');
}

const PLAIN = /^[\w./:=@%+,-]+$/;
/** What a terminal obeys or hides. A line's end is none of it. */
const CONTROL = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

function quote(text: string): string {
  if (PLAIN.test(text)) return text;
  if (!CONTROL.test(text)) return `'${text.replaceAll("'", String.raw`'\''`)}'`;
  const escaped = Array.from(text, (character) => {
    if (character === '\n') return String.raw`\n`;
    if (character === "'" || character === '\\') return `\\${character}`;
    if (!CONTROL.test(character)) return character;
    const bytes = Array.from(new TextEncoder().encode(character));
    return bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  });
  return `$'${escaped.join('')}'`;
}
