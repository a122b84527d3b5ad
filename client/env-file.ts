/**
 * The parser of `.env` files, for the command and the panel. The grammar is documented on the page
 * `command/env-files`: what this parser accepts and what the page says are the same.
 */

export interface EnvFile {
  /** The last value of a key wins, as in a shell. */
  readonly values: ReadonlyMap<string, string>;
  /** In the order of the text. A file with a problem must not be used in part. */
  readonly problems: readonly EnvProblem[];
}

export interface EnvProblem {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units, as editors count. */
  readonly column: number;
  /** A sentence. Never quotes the file: what stands there may be a secret. */
  readonly message: string;
}

const KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  '\\': '\\',
  $: '$',
};
const QUOTES = ['"', "'", '`'];

/** Reads the whole text; goes on after a problem with the next line. */
export function parseEnvFile(text: string): EnvFile {
  return new EnvReader(text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')).read();
}

/** One problem as the end of a sentence that names the file: `line 2, column 3: …`. */
export function describeEnvProblem({ line, column, message }: EnvProblem): string {
  return `line ${line}, column ${column}: ${message}`;
}

class EnvReader {
  readonly #text: string;
  readonly #values = new Map<string, string>();
  readonly #problems: EnvProblem[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): EnvFile {
    while (this.#at < this.#text.length) {
      this.#readLine();
      this.#at = this.#lineEnd() + 1;
    }
    return { values: this.#values, problems: this.#problems };
  }

  #readLine(): void {
    this.#skipBlanks();
    const line = this.#text.slice(this.#at, this.#lineEnd());
    if (line === '' || line.startsWith('#')) return;
    const start = this.#at + (/^export[ \t]+/.exec(line)?.[0].length ?? 0);
    const equals = line.indexOf('=');
    if (equals === -1) {
      this.#fail(this.#at, 'there is no "=". Write KEY=VALUE, and quote a value of several lines.');
      return;
    }
    const key = this.#text.slice(start, this.#at + equals).replace(/[ \t]+$/, '');
    if (!KEY.test(key)) {
      this.#fail(
        start,
        'the key before "=" must be letters, digits and underscores, and not begin with a digit.',
      );
      return;
    }
    this.#at += equals + 1;
    const value = this.#readValue(key);
    if (value === undefined) return;
    if (value.includes('\0')) this.#fail(start, `the value of ${key} has a NUL character.`);
    else this.#values.set(key, value);
  }

  /** Undefined after a problem. */
  #readValue(key: string): string | undefined {
    const begin = this.#at;
    this.#skipBlanks();
    if (QUOTES.includes(this.#text[this.#at] ?? '')) return this.#readQuoted(key);
    const rest = this.#text.slice(begin, this.#lineEnd());
    const value = rest.replace(/[ \t]#.*$/, '').replace(/^[ \t]+|[ \t]+$/g, '');
    if (!value.startsWith('-----BEGIN ')) return value;
    this.#fail(
      this.#at,
      `the value of ${key} begins a PEM block without quotes. Put double quotes around all of its lines.`,
    );
    return undefined;
  }

  /** Quoted parts without a space between them are one value, as in a shell: `'it'\''s'` is `it's`. */
  #readQuoted(key: string): string | undefined {
    let value = '';
    for (;;) {
      const mark = this.#text[this.#at] ?? '';
      if (QUOTES.includes(mark)) {
        const part = this.#readPart(mark);
        if (part === undefined) {
          this.#fail(this.#at, `the value of ${key} has no closing ${mark}.`);
          // Where the value was meant to end cannot be known: nothing after it is read.
          this.#at = this.#text.length;
          return undefined;
        }
        value += part;
      } else if (mark === '\\' && /^[^\s]$/.test(this.#text[this.#at + 1] ?? '')) {
        value += this.#text[this.#at + 1] ?? '';
        this.#at += 2;
      } else break;
    }
    const rest = this.#text.slice(this.#at, this.#lineEnd());
    if (/^[ \t]*$|^[ \t]+#/.test(rest)) return value;
    this.#skipBlanks();
    this.#fail(this.#at, `there is more after the closing quote of ${key}.`);
    return undefined;
  }

  /** From a quote to its closing one. Undefined if there is none; the place stays at the opening one then. */
  #readPart(mark: string): string | undefined {
    let value = '';
    for (let at = this.#at + 1; at < this.#text.length; at += 1) {
      const character = this.#text[at] ?? '';
      if (character === mark) {
        this.#at = at + 1;
        return value;
      }
      const next = this.#text[at + 1];
      const escaped = mark === '"' && character === '\\' ? ESCAPES[next ?? ''] : undefined;
      value += escaped ?? character;
      if (escaped !== undefined) at += 1;
    }
    return undefined;
  }

  #skipBlanks(): void {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at += 1;
  }

  #lineEnd(): number {
    const end = this.#text.indexOf('\n', this.#at);
    return end === -1 ? this.#text.length : end;
  }

  #fail(offset: number, message: string): void {
    const before = this.#text.slice(0, offset);
    const line = before.split('\n').length;
    this.#problems.push({ line, column: offset - before.lastIndexOf('\n'), message });
  }
}
