/** What a command says: text for people, or with `--json` one value (lines of them where it streams) for programs. */
import { styleText } from 'node:util';
import type { ErrorReport } from '../errors.ts';
import { makeVisible } from '../olin/visible.ts';
import { table, type Column } from './table.ts';
import { join, lines, styled, text, Text, type Word } from './text.ts';
import { write, type Stream, type Terminal } from './terminal.ts';

export class Output {
  readonly isJson: boolean;
  readonly #terminal: Terminal;

  constructor(terminal: Terminal, isJson: boolean) {
    this.#terminal = terminal;
    this.isJson = isJson;
  }

  /** The result of a command: the value as JSON, or what `tell` makes of it. Once a command. */
  async give(value: unknown, tell: () => Text | readonly Text[]): Promise<void> {
    if (this.isJson) return write(this.#terminal.stdout, `${toJson(value, 2)}\n`);
    await this.say(...[tell()].flat());
  }

  /** Writes one of several results as a line of JSON or text. */
  async stream(value: unknown, tell: () => Text | readonly Text[]): Promise<void> {
    if (this.isJson) return write(this.#terminal.stdout, `${toJson(value)}\n`);
    await this.say(...[tell()].flat());
  }

  /** Lines on standard output. Nothing with `--json`. */
  async say(...all: readonly Text[]): Promise<void> {
    if (this.isJson || all.length === 0) return;
    await put(this.#terminal.stdout, lines(all));
  }

  /** A word beside the result, on standard error. Nothing with `--json`. */
  async note(word: Text): Promise<void> {
    if (!this.isJson) await put(this.#terminal.stderr, word);
  }

  /** A word that must be read before the command can go on; on standard error. */
  async announce(value: unknown, word: Text): Promise<void> {
    const { stderr } = this.#terminal;
    if (this.isJson) return write(stderr, `${JSON.stringify(value)}\n`);
    await put(stderr, word);
  }

  async warn(word: Text): Promise<void> {
    const { stderr } = this.#terminal;
    if (this.isJson) return write(stderr, `${JSON.stringify({ warning: word.plain })}\n`);
    await put(stderr, text`${styled('yellow', 'Note:')} ${word}`);
  }

  async fail(report: ErrorReport): Promise<void> {
    const { stderr } = this.#terminal;
    if (this.isJson) return write(stderr, `${toJson(report)}\n`);
    // Compiler output may quote untrusted source code.
    const { output = '' } = report;
    if (output !== '') await put(stderr, new Text(makeVisible(output)));
    await put(stderr, reportError(report));
  }

  /** As wide as the terminal; whole where there is none. */
  table(columns: readonly Column[], rows: readonly (readonly Word[])[]): Text {
    const { stdout } = this.#terminal;
    return table(columns, rows, stdout.isTTY === true ? stdout.columns : undefined);
  }

  /** After bytes that end in no line feed, where somebody reads them. */
  async endLine(): Promise<void> {
    const { stdout } = this.#terminal;
    if (stdout.isTTY === true) await write(stdout, '\n');
  }

  /**
   * Bytes of strangers to standard output: made visible on a terminal, as they are elsewhere. Call the writer without a
   * chunk at the end.
   */
  writer(): (chunk?: Uint8Array) => Promise<void> {
    return makeStrangersWriter(this.#terminal.stdout);
  }
}

export function makeStrangersWriter(stream: Stream): (chunk?: Uint8Array) => Promise<void> {
  const decoder = new TextDecoder();
  return async (chunk) => {
    if (stream.isTTY === true) {
      const decoded = decoder.decode(chunk, { stream: chunk !== undefined });
      if (decoded !== '') await write(stream, makeVisible(decoded));
    } else if (chunk !== undefined) await write(stream, chunk);
  };
}

function reportError({ detail, errors = [], requestId, status }: ErrorReport): Text {
  const all = [text`${styled('red', 'Error:')} ${detail}`];
  if (errors.length > 1) {
    for (const each of errors) {
      all.push(text`  ${each.field} is ${each.found}; it must be ${each.allowed}`);
    }
  }
  if (status !== undefined && status >= 500 && requestId !== undefined && requestId !== '') {
    all.push(text`  Request ${requestId}`);
  }
  return join(all, '\n');
}

/** JSON does not escape C1 control characters, which terminals interpret. */
function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\p{Bidi_Control}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

async function put(stream: Stream, word: Text): Promise<void> {
  await write(stream, `${hasColours(stream) ? word.raw : word.plain}\n`);
}

/** As Node decides: NO_COLOR, FORCE_COLOR, NODE_DISABLE_COLORS, and whether it is a terminal. */
export function hasColours(stream: Stream): boolean {
  return styleText('bold', 'x', { stream }) !== 'x';
}
