/**
 * Text for a terminal. Untrusted text (from a guest, a server, another user, a file) is inserted by the template, which
 * makes its control characters visible. Only control characters written by this file take effect.
 */
import { stripVTControlCharacters, styleText } from 'node:util';
import { makeVisible } from '../olin/visible.ts';

export type Format = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan' | 'underline';

/** Text that is safe to write to a terminal. */
export class Text {
  readonly raw: string;
  constructor(raw: string) {
    this.raw = raw;
  }
  get plain(): string {
    return stripVTControlCharacters(this.raw);
  }
  /** Width in terminal columns. */
  get width(): number {
    return Array.from(SEGMENTER.segment(this.plain)).length;
  }
}

const SEGMENTER = new Intl.Segmenter('en');

export type Word = string | number | Text;

/** `text\`Deployed ${name}.\`` */
export function text(parts: TemplateStringsArray, ...words: readonly Word[]): Text {
  return new Text(
    parts.map((part, at) => part + (at < words.length ? show(words[at]) : '')).join(''),
  );
}

export function styled(format: Format | readonly Format[], word: Word): Text {
  const formats = typeof format === 'string' ? [format] : [...format];
  return new Text(styleText(formats, show(word), { validateStream: false }));
}

export function lines(all: readonly Word[]): Text {
  return join(all, '\n');
}

export function join(all: readonly Word[], between: string): Text {
  return new Text(all.map(show).join(between));
}

/** Formats on one line, for a table cell. */
export function inLine(word: Word): Text {
  return word instanceof Text
    ? word
    : new Text(makeVisible(String(word)).replace(/\s*[\r\n\t]\s*/g, ' '));
}

function show(word: Word | undefined): string {
  if (word instanceof Text) return word.raw;
  return word === undefined ? '' : makeVisible(String(word));
}
