/** The source on the page: static highlighted text until it is focused, then the editor. */
import type { Diagnostic } from '../../sdk/diagnostic.ts';
import { getLanguage, isCompiledInPage } from '../../sdk/languages.ts';
import type { ExampleData } from '../page/data.ts';
import type { Editor } from './editor.ts';

export class SourceView {
  readonly #host: HTMLElement;
  readonly #data: ExampleData;
  #text: string;
  #editor: Editor | undefined;
  #opening: Promise<Editor> | undefined;
  #diagnostics: readonly Diagnostic[] = [];
  onEdit: () => void = () => {};
  /** Called when an editable source is opened, before the editor is loaded. */
  onOpen: () => void = () => {};
  onRun: () => void = () => {};
  onLeave: () => void = () => {};

  /** `host` is the element of class `tp-code`. */
  constructor(host: HTMLElement, data: ExampleData) {
    this.#host = host;
    this.#data = data;
    this.#text = data.source;
    const open = (): void => void this.open(true);
    host.addEventListener('click', open, { once: true });
    host.addEventListener('focusin', (event) => {
      // Focusing the copy button of the static code does not open the editor.
      if (event.target instanceof Element && event.target.closest('button') === null) open();
    });
  }

  get text(): string {
    return this.#text;
  }

  get isEdited(): boolean {
    return this.#text !== this.#data.source;
  }

  set(text: string): void {
    this.#text = text;
    this.mark([]);
    if (this.#editor !== undefined) this.#editor.value = text;
    else if (this.isEdited) void this.open(false);
  }

  /** Shows diagnostics in the editor. */
  mark(diagnostics: readonly Diagnostic[]): void {
    this.#diagnostics = diagnostics;
    this.#editor?.mark(diagnostics);
  }

  async goTo(line: number, column: number): Promise<void> {
    const editor = await this.open(false);
    editor.goTo(line, column);
  }

  /** Called when the playground is removed from the page. */
  close(): void {
    void this.#opening?.then((editor) => editor.close());
  }

  open(focus: boolean): Promise<Editor> {
    this.#opening ??= this.#load(focus);
    return this.#opening;
  }

  async #load(focus: boolean): Promise<Editor> {
    const { language, name } = this.#data;
    const { title } = getLanguage(language);
    const editable = isCompiledInPage(language);
    this.#host.dataset['state'] = 'loading';
    if (editable) this.onOpen();
    const { createEditor } = await import('./editor.ts');
    // The editor is as high as the static code, so that the page does not move.
    const heightPx = this.#host.clientHeight;
    // Hidden, not removed: it may contain the style element that all code blocks of the page use.
    for (const child of this.#host.children) child.toggleAttribute('hidden', true);
    this.#host.dataset['state'] = 'open';
    const editor = createEditor(this.#host, {
      value: this.#text,
      language,
      heightPx,
      label: editable
        ? `Source of ${name}. Press Escape to leave the editor.`
        : `Source of ${name}, read-only: ${title} is built ahead of time. Press Escape to leave.`,
      readOnly: editable
        ? undefined
        : `${title} is not compiled in the browser. Build it locally and open the .wasm here.`,
      onEdit: (text) => {
        this.#text = text;
        this.onEdit();
      },
      onRun: () => this.onRun(),
      onLeave: () => this.onLeave(),
    });
    this.#editor = editor;
    editor.mark(this.#diagnostics);
    if (focus) editor.focus();
    return editor;
  }
}
