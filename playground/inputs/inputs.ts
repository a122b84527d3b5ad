/** The request line and the input panels. */
import { ORIGIN, type ExampleInput, type ExampleRequest } from '../../examples/types.ts';
import { find } from '../dom.ts';
import {
  readArguments,
  readEnvironment,
  readHeaders,
  readPath,
  replaceQuery,
  writeEnvironment,
  writeHeaders,
  writeQuery,
  type ParseResult,
} from './input-text.ts';
import { quoteShell } from './invoke.ts';
import { PROGRAM } from '../page/shell.ts';
import { Tabs } from '../tabs.ts';
import type { Failure } from '../worker/worker-api.ts';

type PanelKey = 'query' | 'headers' | 'body' | 'args' | 'env' | 'policy';
const PANELS: readonly PanelKey[] = ['query', 'headers', 'body', 'args', 'env', 'policy'];

/** The collected input, or an error and the field that has it. */
type Collected<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: Failure; readonly wrong: PanelKey | 'path' };

export class Inputs {
  readonly #method: HTMLSelectElement;
  readonly #path: HTMLInputElement;
  readonly #command: HTMLElement;
  readonly #details: HTMLDetailsElement;
  /** Names of the filled panels, shown if the panels are collapsed. */
  readonly #note: HTMLElement;
  readonly #areas: ReadonlyMap<PanelKey, HTMLTextAreaElement>;
  readonly #tabs: Tabs;
  readonly #name: string;
  /** Called after every change by the reader. */
  onChange: () => void = () => {};

  /** `name` is the program's name on the command line. */
  constructor(root: HTMLElement, name: string) {
    this.#name = name;
    this.#method = find(root, '[data-method]', HTMLSelectElement);
    this.#path = find(root, '[data-path]', HTMLInputElement);
    this.#command = find(root, '[data-command]', HTMLElement);
    this.#details = find(root, '[data-inputs]', HTMLDetailsElement);
    this.#note = find(root, '[data-input-note]', HTMLElement);
    this.#tabs = new Tabs(find(this.#details, '[role="tablist"]', HTMLElement));
    this.#areas = new Map(
      PANELS.map((key) => [key, find(root, `[data-input="${key}"]`, HTMLTextAreaElement)]),
    );
    this.#area('query').addEventListener('input', () => {
      this.#path.value = replaceQuery(this.#path.value, this.#text('query'));
    });
    this.#path.addEventListener('input', () => {
      this.#area('query').value = writeQuery(this.#path.value);
    });
    for (const field of [this.#method, this.#path, ...this.#areas.values()]) {
      field.addEventListener('input', () => {
        this.#refresh();
        this.onChange();
      });
    }
    this.#refresh();
    this.#selectFilled();
  }

  get isProgram(): boolean {
    return this.#method.value === PROGRAM;
  }

  /** Returns the input, or the first error after focusing the field that has it. */
  read(): ParseResult<ExampleInput> {
    const collected = this.#collect();
    if (collected.ok) return collected;
    const { wrong, error } = collected;
    if (wrong === 'path') this.#path.focus();
    else this.reveal(wrong, error);
    return { ok: false, error };
  }

  /** Returns the input, or undefined if it has an error. */
  peek(): ExampleInput | undefined {
    const collected = this.#collect();
    return collected.ok ? collected.value : undefined;
  }

  #collect(): Collected<ExampleInput> {
    const env = readEnvironment(this.#text('env'));
    if (!env.ok) return { ...env, wrong: 'env' };
    const policy = this.#text('policy');
    const args = readArguments(this.#text('args'));
    const common = {
      ...(args.length > 0 && { args }),
      ...(Object.keys(env.value).length > 0 && { env: env.value }),
      ...(policy.trim() !== '' && { policy }),
    };
    const body = this.#text('body');
    if (this.isProgram) {
      return { ok: true, value: { ...common, ...(body !== '' && { stdin: body }) } };
    }
    const request = this.#collectRequest(body);
    return request.ok ? { ok: true, value: { request: request.value, ...common } } : request;
  }

  #collectRequest(body: string): Collected<ExampleRequest> {
    const path = readPath(this.#path.value);
    if (!path.ok) return { ...path, wrong: 'path' };
    const headers = readHeaders(this.#text('headers'));
    if (!headers.ok) return { ...headers, wrong: 'headers' };
    return {
      ok: true,
      value: {
        method: this.#method.value,
        path: path.value,
        ...(Object.keys(headers.value).length > 0 && { headers: headers.value }),
        ...(body !== '' && { body }),
      },
    };
  }

  write({ request, args = [], env, stdin, policy = '' }: ExampleInput): void {
    const method = request?.method.toUpperCase() ?? PROGRAM;
    if (![...this.#method.options].some(({ value }) => value === method)) {
      this.#method.add(new Option(method));
    }
    this.#method.value = method;
    this.#path.value = request?.path ?? '/';
    this.#area('query').value = writeQuery(this.#path.value);
    this.#area('headers').value = writeHeaders(request?.headers);
    this.#area('body').value = request?.body ?? stdin ?? '';
    this.#area('args').value = args.join('\n');
    this.#area('env').value = writeEnvironment(env);
    this.#area('policy').value = policy;
    this.#refresh();
    this.#selectFilled();
  }

  /** Replaces `{origin}` in the prefilled fields, keeping what the reader has typed meanwhile. */
  fillOrigin(origin: string): void {
    for (const field of [this.#path, ...this.#areas.values()]) {
      if (field.value.includes(ORIGIN)) field.value = field.value.replaceAll(ORIGIN, origin);
    }
    this.#refresh();
  }

  /** Shows a panel and selects the line of an error. */
  reveal(key: PanelKey, at?: Pick<Failure, 'line' | 'column'>): void {
    this.#details.open = true;
    this.#tabs.select(key);
    const area = this.#area(key);
    area.focus();
    if (at?.line === undefined) return;
    const lines = area.value.split('\n').slice(0, at.line);
    const end = lines.join('\n').length;
    area.setSelectionRange(end - (lines.at(-1)?.length ?? 0), end);
  }

  /** Updates everything that depends on the input: visible panels, command line and markers. */
  #refresh(): void {
    const program = this.isProgram;
    this.#path.hidden = program;
    this.#command.hidden = !program;
    this.#tabs.show('query', !program);
    this.#tabs.show('headers', !program);
    this.#tabs.label('body', program ? 'Standard input' : 'Body');
    const words = [this.#name, ...readArguments(this.#text('args')).map(quoteShell)];
    this.#command.textContent = words.join(' ');
    const filled = PANELS.filter((key) => this.#text(key).trim() !== '');
    for (const key of PANELS) this.#tabs.count(key, filled.includes(key) ? '•' : '');
    const noted = filled.filter((key) => key !== 'query' && !(program && key === 'headers'));
    this.#note.textContent = noted.map((key) => this.#tabs.name(key)).join(', ');
  }

  /** Selects the first panel that has content. */
  #selectFilled(): void {
    const order: PanelKey[] = ['policy', 'body', 'args', 'env', 'query', 'headers'];
    const shown = this.isProgram ? order.slice(0, 4) : order;
    const filled = shown.find((key) => this.#text(key).trim() !== '');
    this.#tabs.select(filled ?? (this.isProgram ? 'args' : 'query'));
  }

  #text(key: PanelKey): string {
    return this.#area(key).value;
  }

  #area(key: PanelKey): HTMLTextAreaElement {
    const area = this.#areas.get(key);
    if (area === undefined) throw new Error(`the playground has no panel ${key}`);
    return area;
  }
}
