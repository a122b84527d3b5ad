/** Formats a call as a curl command. */

export interface CurlCall {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** If empty, the request has no body. */
  readonly body: string;
  /** For a private handler. The command reads the token from the environment, so that it is not in the shell's history. */
  readonly needsToken: boolean;
}

export const TOKEN_VARIABLE = 'TRISIEL_TOKEN';

/** Returns a command for bash and zsh. Control characters are escaped, so that the command is safe to paste. */
export function curlLine({ method, url, headers, body, needsToken }: CurlCall): string {
  const parts = ['curl'];
  if (method === 'HEAD') parts.push('--head');
  else if (method !== (body === '' ? 'GET' : 'POST')) parts.push('-X', quote(method));
  parts.push(quote(url));
  if (needsToken) parts.push('-H', `"Authorization: Bearer $${TOKEN_VARIABLE}"`);
  for (const [name, value] of headers) {
    // To curl, `Name:` removes the header; `Name;` sends it empty.
    parts.push('-H', quote(value === '' ? `${name};` : `${name}: ${value}`));
  }
  if (body !== '') {
    // Without a type, curl would send form data and a browser plain text.
    if (!headers.some(([name]) => name.toLowerCase() === 'content-type')) {
      parts.push('-H', quote('Content-Type: text/plain;charset=UTF-8'));
    }
    parts.push('--data-raw', quote(body));
  }
  return parts.join(' ');
}

const PLAIN = /^[\w./:=@%+,-]+$/;
/** Characters that a terminal interprets or hides, except line feeds. */
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
