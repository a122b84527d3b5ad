/** Connects the parts of one playground. Loaded on first interaction. */
import { fillOrigin, type ExampleData } from './data.ts';
import { find } from '../dom.ts';
import { Inputs } from '../inputs/inputs.ts';
import { describeFailure } from '../failure-text.ts';
import { curlLine } from '../inputs/invoke.ts';
import { openOwnModule, watchDrops } from '../inputs/own-module.ts';
import { Results } from '../results.ts';
import { Runs } from '../runs.ts';
import { encodeShare, type SharedState } from './share.ts';
import { SourceView } from '../editor/source.ts';
import { hideNotice, showNotice } from '../views/notice.ts';
import type { Failure } from '../worker/worker-api.ts';

export interface AppOptions {
  /** Origin that serves handlers, for example `http://127.0.0.1:4001`. */
  readonly runOrigin: string;
  /** Page that a shared link opens, for example `/playground/`. */
  readonly sharePage: string;
  /** Resolves on the reader's first interaction with the page. No worker is started before. */
  readonly interest: Promise<void>;
}

export class App {
  readonly #root: HTMLElement;
  readonly #data: ExampleData;
  readonly #options: AppOptions;
  readonly #inputs: Inputs;
  readonly #source: SourceView;
  readonly #runs: Runs;
  readonly #problem: HTMLElement;

  /** `root` contains the markup of shell.ts and the source. */
  constructor(root: HTMLElement, data: ExampleData, options: AppOptions) {
    this.#root = root;
    this.#data = data;
    this.#options = options;
    this.#problem = find(root, '[data-problem]', HTMLElement);
    this.#inputs = new Inputs(root, `${data.name}.wasm`);
    this.#source = new SourceView(find(root, '.tp-code', HTMLElement), data);
    this.#runs = new Runs(data, options.runOrigin, this.#source, new Results(root), {
      onRunning: (running) => this.#showRunning(running),
      onRejected: (title, error, lines) => {
        if (error.code === 'bad-policy') this.#inputs.reveal('policy', error);
        this.#refuse(title, error);
        if (lines !== undefined) showNotice(this.#problem, 'error', title, error.message, lines);
      },
    });
    this.#source.onRun = () => this.run();
    this.#source.onLeave = () => find(root, '[data-do="run"]', HTMLElement).focus();
    this.#source.onEdit = () => this.#onEdited();
    this.#source.onOpen = () => this.#runs.loadCompiler();
    this.#inputs.onChange = () => this.#refreshCurl();
    this.#inputs.fillOrigin(location.origin);
    this.#listen();
    this.#refreshCurl();
    void options.interest.then(() => this.#runs.warm());
  }

  run(): void {
    hideNotice(this.#problem);
    const input = this.#inputs.read();
    if (input.ok) void this.#runs.run(input.value);
    else this.#refuse('Check the input', input.error);
  }

  /** Opens the editor. */
  edit(): void {
    void this.#source.open(true);
  }

  /** Restores the state of a shared link. */
  restore({ source, input }: SharedState): void {
    this.#inputs.write(input);
    if (source !== undefined) this.#source.set(source);
    this.#showFile(this.#data.sourceFile);
    this.#refreshCurl();
  }

  notify(title: string, message: string, tone: 'error' | 'info' = 'error'): void {
    showNotice(this.#problem, tone, title, message);
  }

  /** Stops the current run when the element is removed from the page. */
  close(): void {
    this.#runs.discard();
    this.#source.close();
  }

  #listen(): void {
    const root = this.#root;
    find(root, '[data-bar]', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.run();
    });
    root.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
      if (event.defaultPrevented) return;
      event.preventDefault();
      this.run();
    });
    const on = (name: string, act: () => void): void => {
      find(root, `[data-do="${name}"]`, HTMLElement).addEventListener('click', act);
    };
    const file = find(root, '[data-file-input]', HTMLInputElement);
    on('stop', () => this.#runs.stop());
    on('reset', () => this.#reset());
    on('share', () => void this.#share());
    on('copy-curl', () => void this.#copyCurl());
    on('open', () => file.click());
    file.addEventListener('change', () => {
      const [chosen] = file.files ?? [];
      if (chosen !== undefined) void this.#openFile(chosen);
      file.value = '';
    });
    watchDrops(root, (dropped) => void this.#openFile(dropped));
    if (/Mac|iP/.test(navigator.userAgent)) {
      find(root, '[data-shortcut]', HTMLElement).textContent = '⌘ ↵';
    }
  }

  #reset(): void {
    this.#runs.discard();
    this.#runs.own = undefined;
    this.#source.set(this.#data.source);
    this.#inputs.write(fillOrigin(this.#data.input, location.origin));
    hideNotice(this.#problem);
    this.#showFile(this.#data.sourceFile);
    this.#refreshCurl();
    this.#runs.warm();
  }

  async #openFile(file: File): Promise<void> {
    const opened = await openOwnModule(file);
    if (!opened.ok) return this.#refuse('Cannot run this file', opened.error);
    this.#runs.own = opened.value;
    this.#showFile(file.name);
    this.#refreshCurl();
    const message =
      'Run executes it instead of the source. It stays in your browser; Reset restores the example.';
    this.notify(`${file.name} is loaded`, message, 'info');
  }

  async #share(): Promise<void> {
    if (this.#runs.own !== undefined) {
      const message = 'A link contains source and input, not a module. Reset to share the example.';
      return this.notify('Your .wasm cannot be shared', message);
    }
    const input = this.#inputs.read();
    if (!input.ok) return this.#refuse('Check the input', input.error);
    const source = this.#source.isEdited ? { source: this.#source.text } : {};
    const link = await encodeShare({ example: this.#data.name, ...source, input: input.value });
    if (!link.ok) return this.notify('Link not created', link.message);
    const url = new URL(this.#options.sharePage + link.value, location.href);
    if (url.pathname === location.pathname) history.replaceState(null, '', link.value);
    await this.#copy(url.href, 'share', 'Link copied');
  }

  async #copyCurl(): Promise<void> {
    const line = find(this.#root, '[data-curl] code', HTMLElement).textContent;
    await this.#copy(line, 'copy-curl', 'Copied');
  }

  /** Copies to the clipboard and confirms on the button. */
  async #copy(text: string, button: string, done: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      return this.notify('The browser blocked copying. Copy it from here:', text, 'info');
    }
    const label = find(this.#root, `[data-do="${button}"] span`, HTMLElement);
    const before = (label.dataset['label'] ??= label.textContent);
    label.textContent = done;
    setTimeout(() => {
      label.textContent = before;
    }, 1500);
  }

  #onEdited(): void {
    this.#source.mark([]);
    this.#runs.own = undefined;
    this.#showFile(this.#data.sourceFile);
    this.#refreshCurl();
  }

  /** The curl line calls the deployed example, so programs and the reader's own modules have none. */
  #refreshCurl(): void {
    const box = find(this.#root, '[data-curl]', HTMLElement);
    const request = this.#runs.own === undefined ? this.#inputs.peek()?.request : undefined;
    box.hidden = request === undefined;
    if (request === undefined) return;
    find(box, 'code', HTMLElement).textContent = curlLine(
      this.#runs.jobRequest(request).url,
      request,
    );
  }

  #showFile(name: string): void {
    const own = this.#runs.own !== undefined;
    find(this.#root, '[data-file]', HTMLElement).textContent = name;
    this.#root.toggleAttribute('data-own', own);
    this.#root.toggleAttribute('data-edited', this.#source.isEdited && !own);
  }

  #refuse(title: string, error: Failure): void {
    this.notify(title, describeFailure(error));
  }

  #showRunning(running: boolean): void {
    const run = find(this.#root, '[data-do="run"]', HTMLButtonElement);
    const stop = find(this.#root, '[data-do="stop"]', HTMLButtonElement);
    const hadFocus = document.activeElement === (running ? run : stop);
    run.hidden = running;
    stop.hidden = !running;
    if (hadFocus) (running ? stop : run).focus();
  }
}
