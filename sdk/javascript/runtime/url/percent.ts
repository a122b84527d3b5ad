/** Percent-encoding (the URL Standard, section 1.3). */
import { encodeText } from '../bytes.ts';
import { host } from '../host.ts';

/** Characters that are percent-encoded in each part of a URL, in addition to control and non-ASCII characters. */
const FRAGMENT = ' "<>`';
const QUERY = ' "#<>';
const PATH = `${QUERY}?^\`{}`;
const USERINFO = `${PATH}/:;=@[\\]|`;

export const ENCODE_SETS = {
  control: '',
  fragment: FRAGMENT,
  query: QUERY,
  specialQuery: `${QUERY}'`,
  path: PATH,
  userinfo: USERINFO,
} as const;

/** Matches characters to encode, by set. */
const NEEDS = new Map<string, RegExp>(
  Object.values(ENCODE_SETS).map((set) => [
    set,
    new RegExp(`[^\\x20-\\x7e]|[${set.replaceAll(/[\]\\^]/g, '\\$&')}]`),
  ]),
);

export function percentEncode(text: string, set: string): string {
  // Most URLs need no encoding.
  if (NEEDS.get(set)?.test(text) !== true) return text;
  let out = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    out +=
      code > 0x1f && code < 0x7f && !set.includes(character) ? character : encodeAll(character);
  }
  return out;
}

function encodeAll(character: string): string {
  let out = '';
  for (const byte of encodeText(character)) out += hexadecimal(byte);
  return out;
}

function hexadecimal(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** Decodes escapes as UTF-8, with U+FFFD for invalid bytes. Invalid escapes are not changed. */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  const bytes = encodeText(text);
  const out = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    const value = byte === 0x25 ? hexPair(bytes, at + 1) : -1;
    out[length++] = value < 0 ? byte : value;
    if (value >= 0) at += 2;
  }
  return host().decode(out.subarray(0, length));
}

function hexPair(bytes: Uint8Array, at: number): number {
  const pair = String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0);
  return /^[\da-f]{2}$/i.test(pair) ? Number.parseInt(pair, 16) : -1;
}

const FORM_PLAIN = /^[\w*.-]*$/;

/** Encodes text as application/x-www-form-urlencoded. */
export function formEncode(text: string): string {
  const whole = text.toWellFormed();
  if (FORM_PLAIN.test(whole)) return whole;
  let out = '';
  for (const character of whole) {
    if (character === ' ') out += '+';
    else out += /^[\w*.-]$/.test(character) ? character : encodeAll(character);
  }
  return out;
}

export function formDecode(text: string): string {
  return percentDecode(text.includes('+') ? text.replaceAll('+', ' ') : text);
}
