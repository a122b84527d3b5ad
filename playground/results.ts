/** Displays the result of a run while it arrives: status, output, errors, log, calls and bill. */
import { find, make } from './dom.ts';
import { formatCount, formatMany, formatMs } from '../olin/quantities.ts';
import { Tabs } from './tabs.ts';
import { buildBill } from './views/bill.ts';
import { BodyView } from './views/body.ts';
import { CallsView } from './views/calls.ts';
import { LogView } from './views/log.ts';
import { hideNotice, showNotice, showStop, trapTitle } from './views/notice.ts';
import { TextView } from './views/text.ts';
import type { RunEnding, RunEvent } from './worker/worker-api.ts';
import { STATUS_TEXTS } from '../olin/http1/status-texts.ts';

type Tone = 'good' | 'warn' | 'bad' | 'busy';

/** If the body is empty, the first of these tabs that has content is shown. */
const FALLBACKS = ['errors', 'log', 'calls'] as const;

export class Results {
  readonly #verdict: HTMLElement;
  readonly #trap: HTMLElement;
  readonly #panels: HTMLElement;
  readonly #bill: HTMLElement;
  readonly #tabs: Tabs;
  readonly #body: BodyView;
  readonly #headers = make('details', 'tp-headers');
  readonly #errors: TextView;
  readonly #log: LogView;
  readonly #calls: CallsView;
  #status: number | undefined;
  #program = true;
  #hasChosen = false;

  constructor(root: HTMLElement) {
    const view = (key: string): HTMLElement => find(root, `[data-view="${key}"]`, HTMLElement);
    this.#verdict = find(root, '[data-verdict]', HTMLElement);
    this.#trap = find(root, '[data-trap]', HTMLElement);
    this.#panels = find(root, '[data-panels]', HTMLElement);
    this.#tabs = new Tabs(find(this.#panels, '[role="tablist"]', HTMLElement));
    this.#tabs.onChoose = () => {
      this.#hasChosen = true;
    };
    view('body').before(this.#headers);
    this.#body = new BodyView(view('body'));
    this.#errors = new TextView(view('errors'));
    this.#log = new LogView(view('log'));
    this.#calls = new CallsView(view('calls'));
    this.#bill = view('bill');
  }

  /** Called when a run begins. */
  begin(program: boolean): void {
    this.#clear();
    this.#program = program;
    this.#panels.hidden = false;
    this.#tabs.label('body', program ? 'Output' : 'Response');
    if (!this.#hasChosen) this.#tabs.select('body');
    this.#showVerdict('busy', 'Running', '');
  }

  /** Returns to the state before the first run. */
  reset(): void {
    this.#clear();
    this.#hasChosen = false;
    this.#panels.hidden = true;
    this.#verdict.replaceChildren(
      make('span', 'tp-idle', 'Press Run: the module runs here, in your browser.'),
    );
  }

  /** Shows a step before the run, such as compiling. */
  reportStep(text: string): void {
    this.#showVerdict('busy', text, '');
  }

  take(events: readonly RunEvent[]): void {
    for (const event of events) this.#takeOne(event);
    this.#count();
  }

  #takeOne(event: RunEvent): void {
    switch (event.type) {
      case 'head':
        this.#status = event.status;
        this.#body.begin(
          event.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1],
        );
        this.#showHeaders(event.headers);
        break;
      case 'output':
        this.#body.add(event.bytes);
        break;
      case 'errorOutput':
        this.#errors.add(event.bytes);
        break;
      case 'log':
        this.#log.add(event.line);
        break;
      case 'call':
        this.#calls.add(event.call);
        break;
      case 'end':
        this.#end(event.ending);
        break;
      case 'failed':
        this.#finishViews();
        this.#showVerdict('bad', event.error.code === 'stopped' ? 'Stopped' : 'Failed to run', '');
        if (event.error.code !== 'stopped') {
          showNotice(this.#trap, 'error', '', event.error.message);
        }
        break;
    }
  }

  #end(ending: RunEnding): void {
    this.#finishViews();
    this.#bill.replaceChildren(...buildBill(ending));
    this.#calls.end(Object.values(ending.bill.calls).reduce((sum, count) => sum + count, 0));
    const { exit, trap, fault, bill } = ending;
    const figures = [
      formatMs(bill.wallMs),
      `${formatCount(bill.gas)} gas`,
      formatMany(bill.memoryPages, 'page'),
    ].join(' · ');
    if (trap !== undefined) {
      this.#showVerdict(trap.code === 'cancelled' ? 'warn' : 'bad', trapTitle(trap.code), figures);
      if (trap.code !== 'cancelled') showStop(this.#trap, trap);
    } else if (fault !== undefined) {
      this.#showVerdict('bad', 'No response', figures);
      showNotice(this.#trap, 'error', 'Invalid CGI reply', fault.message);
    } else if (this.#program || this.#status === undefined) {
      this.#showVerdict(exit === 0 ? 'good' : 'warn', `Exit ${exit}`, figures);
    } else {
      const tone = this.#status < 400 ? 'good' : 'warn';
      this.#showVerdict(
        tone,
        `${this.#status} ${STATUS_TEXTS[this.#status] ?? ''}`.trim(),
        figures,
      );
    }
    this.#showFilled();
  }

  #finishViews(): void {
    this.#body.end();
    this.#errors.end();
  }

  /** If the body is empty, selects a tab with content, unless the reader has chosen a tab. */
  #showFilled(): void {
    if (this.#hasChosen || this.#body.bytes > 0) return;
    const filled = { errors: this.#errors.bytes, log: this.#log.count, calls: this.#calls.count };
    const key = FALLBACKS.find((each) => filled[each] > 0);
    if (key !== undefined && (this.#program || key !== 'calls')) this.#tabs.select(key);
  }

  #showHeaders(headers: readonly (readonly [string, string])[]): void {
    const rows = headers.flatMap(([name, value]) => [make('dt', '', name), make('dd', '', value)]);
    this.#headers.replaceChildren(
      make('summary', '', formatMany(headers.length, 'header')),
      make('dl', '', ...rows),
    );
    this.#headers.hidden = false;
  }

  #showVerdict(tone: Tone, text: string, figures: string): void {
    const chip = make('span', 'tp-chip', text);
    chip.dataset['tone'] = tone;
    this.#verdict.replaceChildren(chip);
    if (figures !== '') this.#verdict.append(make('span', 'tp-figures', figures));
  }

  #count(): void {
    this.#tabs.count('errors', this.#errors.bytes > 0 ? '•' : '');
    this.#tabs.count('log', this.#log.count > 0 ? formatCount(this.#log.count) : '');
    this.#tabs.count('calls', this.#calls.count > 0 ? formatCount(this.#calls.count) : '');
  }

  #clear(): void {
    this.#status = undefined;
    hideNotice(this.#trap);
    this.#headers.hidden = true;
    for (const view of [this.#body, this.#errors, this.#log, this.#calls]) view.clear();
    this.#bill.replaceChildren(make('p', 'tp-empty', 'The bill is available when the run ends.'));
    this.#count();
  }
}
