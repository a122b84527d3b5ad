/** Headers. */

import { host } from '../host.ts';

export type HeadersInit = Iterable<readonly string[]> | Readonly<Record<string, string>>;

const NAME = /^[!#$%&'*+\-.^_`|~\w]+$/;
const AROUND = /^[\t\n\r ]+|[\t\n\r ]+$/g;

/** Names that most handlers use: they need no check. */
const KNOWN = new Map(
  'Accept Authorization Cache-Control Content-Length Content-Type Cookie ETag Location Set-Cookie Vary'
    .split(' ')
    .flatMap((name) => [
      [name, name.toLowerCase()],
      [name.toLowerCase(), name.toLowerCase()],
    ]),
);

export class Headers {
  /** Values by lower-case name, in order; several of one name are joined, except Set-Cookie. */
  readonly #values = new Map<string, string[]>();

  constructor(init?: HeadersInit | null) {
    if (init === undefined || init === null) return;
    if (typeof init !== 'object') throw new TypeError('Headers: give an object or pairs');
    const pairs = Symbol.iterator in init ? init : Object.entries(init);
    for (const pair of pairs as Iterable<Iterable<string>>) {
      const [name, value, ...more] = pair;
      if (name === undefined || value === undefined || more.length > 0) {
        throw new TypeError('Headers: each pair has a name and a value');
      }
      this.append(name, value);
    }
  }

  append(name: string, value: string): void {
    const key = checkName(name);
    const list = this.#values.get(key);
    const text = checkValue(key, value);
    if (list === undefined) this.#values.set(key, [text]);
    else list.push(text);
  }

  delete(name: string): void {
    this.#values.delete(checkName(name));
  }

  get(name: string): string | null {
    return this.#values.get(checkName(name))?.join(', ') ?? null;
  }

  getSetCookie(): string[] {
    return [...(this.#values.get('set-cookie') ?? [])];
  }

  has(name: string): boolean {
    return this.#values.has(checkName(name));
  }

  set(name: string, value: string): void {
    const key = checkName(name);
    this.#values.set(key, [checkValue(key, value)]);
  }

  forEach(visit: (value: string, name: string, all: Headers) => void, self?: unknown): void {
    for (const [name, value] of this) visit.call(self, value, name, this);
  }

  /** Formats the headers as lines of a reply, in no particular order. */
  toLines(): string {
    let lines = '';
    for (const [name, values] of this.#values) {
      if (values.length === 1) lines += `${name}: ${values[0]}\n`;
      else if (name !== 'set-cookie') lines += `${name}: ${values.join(', ')}\n`;
      else for (const value of values) lines += `${name}: ${value}\n`;
    }
    return lines;
  }

  *entries(): IterableIterator<[string, string]> {
    for (const name of [...this.#values.keys()].sort()) {
      const list = this.#values.get(name) ?? [];
      if (name === 'set-cookie') for (const value of list) yield [name, value];
      else yield [name, list.join(', ')];
    }
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this) yield name;
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this) yield value;
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }
}

function checkName(name: unknown): string {
  const text = String(name);
  const known = KNOWN.get(text);
  if (known !== undefined) return known;
  if (!NAME.test(text)) throw new TypeError(`"${text}" is not a header name`);
  return text.toLowerCase();
}

function checkValue(name: string, value: unknown): string {
  const given = String(value);
  const isTrimmed = !isSpace(given.charAt(0)) && !isSpace(given.charAt(given.length - 1));
  const text = isTrimmed ? given : given.replaceAll(AROUND, '');
  if (!host().isFieldValue(text)) {
    throw new TypeError(`The value of ${name} has characters that a header cannot have`);
  }
  return text;
}

const isSpace = (unit: string): boolean =>
  unit === ' ' || unit === '\t' || unit === '\n' || unit === '\r';
