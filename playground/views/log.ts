/** Shows log lines with their level. */
import type { LogLine } from '../../olin/index.ts';
import { make } from '../dom.ts';
import { formatMs } from '../../olin/quantities.ts';

const MAX_LINES = 1_000;

/** The levels that the specification defines. */
const LEVELS: Readonly<Record<number, string>> = { 1: 'error', 3: 'warning', 6: 'info' };

export class LogView {
  readonly #element: HTMLElement;
  count = 0;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  clear(): void {
    this.#element.replaceChildren();
    this.count = 0;
  }

  add({ level, text, atMs }: LogLine): void {
    this.count += 1;
    if (this.count > MAX_LINES) {
      if (this.count === MAX_LINES + 1) {
        this.#element.append(
          make('span', 'tp-cut', `Only the first ${MAX_LINES} lines are shown.`),
        );
      }
      return;
    }
    const name = LEVELS[level] ?? `level ${level}`;
    const line = make(
      'div',
      'tp-log-line',
      make('span', 'tp-log-time', formatMs(atMs)),
      make('span', `tp-level tp-level-${LEVELS[level] ?? 'other'}`, name),
      make('span', 'tp-log-text', text),
    );
    this.#element.append(line);
  }
}
