/**
 * Parser for `.env` files, used by the CLI and the panel. The grammar is documented on the page `command/env-files`,
 * which must match this parser.
 */

export interface EnvFile {
  /** If a key is repeated, its last value is used, as in a shell. */
  readonly values: ReadonlyMap<string, string>;
  /** In file order. If there is any problem, none of the values may be used. */
  readonly problems: readonly EnvProblem[];
}

export interface EnvProblem {
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 code units, as editors count. */
  readonly column: number;
  /** A sentence. Never quotes the file's contents, which may be secret. */
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

/** Parses the whole text. After a problem, parsing continues on the next line. */
export function parseEnvFile(text: string): EnvFile {
  return new EnvReader(text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')).read();
}

/** Formats one problem to follow the name of the file: `line 2, column 3: …`. */
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

  /** Returns undefined after reporting a problem. */
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

  /** Adjacent quoted parts form one value, as in a shell: `'it'\''s'` is `it's`. */
  #readQuoted(key: string): string | undefined {
    let value = '';
    for (;;) {
      const mark = this.#text[this.#at] ?? '';
      if (QUOTES.includes(mark)) {
        const part = this.#readPart(mark);
        if (part === undefined) {
          this.#fail(this.#at, `the value of ${key} has no closing ${mark}.`);
          // The intended end of the value is unknown, so the rest of the file is skipped.
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

  /** Reads up to the closing quote. If there is none, returns undefined and stays at the opening quote. */
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
