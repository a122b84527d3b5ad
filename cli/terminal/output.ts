/** The output of a command: text, or JSON with `--json` (one value, or a line per value for a command that streams). */
import { styleText } from 'node:util';
import type { ErrorReport } from '../errors.ts';
import { makeVisible } from '../olin/visible.ts';
import { table, type TableColumn } from './table.ts';
import { join, lines, styled, text, Text, type Word } from './text.ts';
import { write, type Stream, type Terminal } from './terminal.ts';

export class CommandOutput {
  readonly isJson: boolean;
  readonly #terminal: Terminal;

  constructor(terminal: Terminal, isJson: boolean) {
    this.#terminal = terminal;
    this.isJson = isJson;
  }

  /** Writes the result of a command: the value as JSON, or the text that `render` returns. Called once. */
  async give(value: unknown, render: () => Text | readonly Text[]): Promise<void> {
    if (this.isJson) return write(this.#terminal.stdout, `${toJson(value, 2)}\n`);
    await this.say(...[render()].flat());
  }

  /** Writes one of several results as a line of JSON or text. */
  async stream(value: unknown, render: () => Text | readonly Text[]): Promise<void> {
    if (this.isJson) return write(this.#terminal.stdout, `${toJson(value)}\n`);
    await this.say(...[render()].flat());
  }

  /** Writes lines to standard output. Writes nothing with `--json`. */
  async say(...all: readonly Text[]): Promise<void> {
    if (this.isJson || all.length === 0) return;
    await put(this.#terminal.stdout, lines(all));
  }

  /** Writes a remark to standard error. Writes nothing with `--json`. */
  async note(word: Text): Promise<void> {
    if (!this.isJson) await put(this.#terminal.stderr, word);
  }

  /** Writes a message to standard error that the user must act on before the command continues. */
  async announce(value: unknown, word: Text): Promise<void> {
    const { stderr } = this.#terminal;
    if (this.isJson) return write(stderr, `${JSON.stringify(value)}\n`);
    await put(stderr, word);
  }

  async warn(word: Text): Promise<void> {
    const { stderr } = this.#terminal;
    if (this.isJson) return write(stderr, `${JSON.stringify({ warning: word.plain })}\n`);
    await put(stderr, text`${styled('yellow', 'Warning:')} ${word}`);
  }

  async fail(report: ErrorReport): Promise<void> {
    const { stderr } = this.#terminal;
    if (this.isJson) return write(stderr, `${toJson(report)}\n`);
    // Compiler output may quote untrusted source code.
    const { output = '' } = report;
    if (output !== '') await put(stderr, new Text(makeVisible(output)));
    await put(stderr, reportError(report));
  }

  /** Lays out a table that fits the terminal. Without a terminal, nothing is cut. */
  table(columns: readonly TableColumn[], rows: readonly (readonly Word[])[]): Text {
    const { stdout } = this.#terminal;
    return table(columns, rows, stdout.isTTY === true ? stdout.columns : undefined);
  }

  /** Ends the line on a terminal, after output without a final line feed. */
  async endLine(): Promise<void> {
    const { stdout } = this.#terminal;
    if (stdout.isTTY === true) await write(stdout, '\n');
  }

  /**
   * Returns a writer of untrusted bytes to standard output. On a terminal, control characters are made visible unless
   * `isRaw`. Call the writer without a chunk at the end.
   */
  writer(isRaw = false): (chunk?: Uint8Array) => Promise<void> {
    return makeUntrustedWriter(this.#terminal.stdout, isRaw);
  }
}

export function makeUntrustedWriter(
  stream: Stream,
  isRaw: boolean,
): (chunk?: Uint8Array) => Promise<void> {
  const decoder = new TextDecoder();
  return async (chunk) => {
    if (stream.isTTY === true && !isRaw) {
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

/** Follows NO_COLOR, FORCE_COLOR, NODE_DISABLE_COLORS, and whether the stream is a terminal, as Node does. */
export function hasColours(stream: Stream): boolean {
  return styleText('bold', 'x', { stream }) !== 'x';
}
