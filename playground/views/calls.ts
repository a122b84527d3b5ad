/** Shows the system-call trace as a table. The worker sends only the first calls. */
import type { TracedCall } from '../../olin/index.ts';
import { make } from '../dom.ts';
import { formatCount, formatMs } from '../../olin/quantities.ts';

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

  add(call: TracedCall): void {
    this.count += 1;
    (this.#rows ??= this.#begin()).append(buildRow(call));
  }

  /** Called when the run ends. `total` counts all calls, including those not listed. */
  end(total: number): void {
    if (total === 0) {
      this.#element.replaceChildren(make('p', 'tp-empty', 'The guest made no system calls.'));
    } else if (total > this.count) {
      const note = `Only the first ${formatCount(this.count)} of ${formatCount(total)} calls are listed.`;
      this.#element.append(make('p', 'tp-cut', note));
    }
    this.count = total;
  }

  #begin(): HTMLElement {
    const heads = ['Time', 'Call', 'Arguments', 'Result', 'Duration'].map((text) => {
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

function buildRow({ name, args, result, fault, atMs, tookMs }: TracedCall): HTMLElement {
  const list = args.flatMap(({ name: key, value }, index) => [
    index === 0 ? '' : ', ',
    make('span', 'tp-key', `${key}=`),
    typeof value === 'string' ? JSON.stringify(value) : String(value),
  ]);
  const failed = fault !== undefined || (typeof result === 'number' && result < 0);
  return make(
    'tr',
    '',
    make('td', 'tp-number', formatMs(atMs)),
    make('td', 'tp-name', name),
    make('td', 'tp-args', ...list),
    make('td', failed ? 'tp-failed' : '', fault ?? (result === undefined ? '' : String(result))),
    make('td', 'tp-number', formatMs(tookMs)),
  );
}
