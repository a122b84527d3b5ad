/** The system-call trace as a table. */
import type { Call } from '../../olin/index.ts';
import { make } from '../dom.ts';
import { showCount, showMs } from '../quantities.ts';

const MOST_ROWS = 500;

export class CallsView {
  readonly #element: HTMLElement;
  #rows: HTMLElement | undefined;
  count = 0;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  clear(): void {
    this.#element.replaceChildren();
    this.#rows = undefined;
    this.count = 0;
  }

  add(call: Call): void {
    this.count += 1;
    const rows = (this.#rows ??= this.#begin());
    if (this.count <= MOST_ROWS) rows.append(buildRow(call));
    else if (this.count === MOST_ROWS + 1) {
      const note = make(
        'p',
        'tp-cut',
        `Only the first ${showCount(MOST_ROWS)} calls are listed; the bill counts all.`,
      );
      this.#element.append(note);
    }
  }

  /** Says so where there was none. */
  end(): void {
    if (this.count === 0)
      this.#element.replaceChildren(make('p', 'tp-empty', 'The guest made no system call.'));
  }

  #begin(): HTMLElement {
    const heads = ['At', 'Call', 'Arguments', 'Result', 'Took'].map((text) => {
      const cell = make('th', '', text);
      cell.scope = 'col';
      return cell;
    });
    const rows = make('tbody');
    this.#element.replaceChildren(
      make('table', 'tp-calls', make('thead', '', make('tr', '', ...heads)), rows),
    );
    return rows;
  }
}

function buildRow({ name, args, result, fault, atMs, tookMs }: Call): HTMLElement {
  const list = args.flatMap(({ name: key, value }, index) => [
    index === 0 ? '' : ', ',
    make('span', 'tp-key', `${key}=`),
    typeof value === 'string' ? JSON.stringify(value) : String(value),
  ]);
  const failed = fault !== undefined || (typeof result === 'number' && result < 0);
  return make(
    'tr',
    '',
    make('td', 'tp-number', showMs(atMs)),
    make('td', 'tp-name', name),
    make('td', 'tp-args', ...list),
    make('td', failed ? 'tp-failed' : '', fault ?? (result === undefined ? '' : String(result))),
    make('td', 'tp-number', showMs(tookMs)),
  );
}
