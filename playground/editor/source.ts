/** The source on the page: static highlighted text until a reader goes into it, then the editor. */
import type { Diagnostic } from '../../sdk/diagnostic.ts';
import { isCompiledInPage, LANGUAGE_NAMES, type ExampleData } from '../page/data.ts';
import type { Editor } from './editor.ts';

export class Source {
  readonly #host: HTMLElement;
  readonly #data: ExampleData;
  #text: string;
  #editor: Editor | undefined;
  #opening: Promise<Editor> | undefined;
  #diagnostics: readonly Diagnostic[] = [];
  onEdit: () => void = () => {};
  /** The reader is about to edit. */
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
      // The copy button of the static code is no wish to edit.
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

  /** Marks places in the source. */
  mark(diagnostics: readonly Diagnostic[]): void {
    this.#diagnostics = diagnostics;
    this.#editor?.mark(diagnostics);
  }

  async goTo(line: number, column: number): Promise<void> {
    const editor = await this.open(false);
    editor.goTo(line, column);
  }

  /** The playground leaves the page. */
  close(): void {
    void this.#opening?.then((editor) => editor.close());
  }

  open(focus: boolean): Promise<Editor> {
    this.#opening ??= this.#load(focus);
    return this.#opening;
  }

  async #load(focus: boolean): Promise<Editor> {
    const { language, name } = this.#data;
    const editable = isCompiledInPage(language);
    this.#host.dataset['state'] = 'loading';
    if (editable) this.onOpen();
    const { createEditor } = await import('./editor.ts');
    // Room for the editor is the room the static code had.
    const heightPx = this.#host.clientHeight;
    // Hidden, not removed: the styles of every code block of the page may stand in it.
    for (const child of this.#host.children) child.toggleAttribute('hidden', true);
    this.#host.dataset['state'] = 'open';
    const editor = createEditor(this.#host, {
      value: this.#text,
      language,
      heightPx,
      label: editable
        ? `Source of ${name}. Press Escape to leave the editor.`
        : `Source of ${name}, for reading: ${LANGUAGE_NAMES[language]} is built ahead of time. Press Escape to leave.`,
      readOnly: editable
        ? undefined
        : `${LANGUAGE_NAMES[language]} is not compiled in the page. Build it at home and open the .wasm here.`,
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
