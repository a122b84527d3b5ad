/** Shows text that arrives in chunks. Limits on characters and lines keep the page responsive for any amount of output. */
import { make } from '../dom.ts';
import { formatBytes, formatCount } from '../../olin/quantities.ts';

const MAX_CHARACTERS = 200_000;
const MAX_LINES = 5_000;

export class TextView {
  readonly #element: HTMLElement;
  #decoder = new TextDecoder();
  #characters = 0;
  #lines = 0;
  #note: HTMLElement | undefined;
  /** Total bytes received, shown or not. */
  bytes = 0;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  clear(): void {
    this.#element.replaceChildren();
    this.#decoder = new TextDecoder();
    this.#characters = 0;
    this.#lines = 0;
    this.#note = undefined;
    this.bytes = 0;
  }

  add(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    if (this.#note === undefined) this.#append(this.#decoder.decode(bytes, { stream: true }));
    if (this.#note !== undefined) this.#note.textContent = this.#truncationText();
  }

  /** Flushes the decoder: an incomplete character at the end is shown as U+FFFD. */
  end(): void {
    if (this.#note === undefined) this.#append(this.#decoder.decode());
  }

  #append(text: string): void {
    if (text === '') return;
    const element = this.#element;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 24;
    const shown = this.#fit(text);
    element.append(shown);
    if (shown.length < text.length) {
      this.#note = make('span', 'tp-cut', this.#truncationText());
      element.append(this.#note);
    } else if (atEnd) {
      element.scrollTop = element.scrollHeight;
    }
  }

  /** Returns the part of the text that is within the limits. */
  #fit(text: string): string {
    const room = MAX_CHARACTERS - this.#characters;
    let end = Math.min(text.length, room);
    for (let at = text.indexOf('\n'); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) {
      this.#lines += 1;
      if (this.#lines >= MAX_LINES) end = at + 1;
    }
    this.#characters += end;
    return text.slice(0, end);
  }

  #truncationText(): string {
    return `Only the first ${formatCount(this.#lines)} lines are shown; ${formatBytes(this.bytes)} were received in total.`;
  }
}
