/** Shows a response body or a program's output: as text while it arrives, then in a view for its type. */
import { find, make } from '../dom.ts';
import { formatBytes } from '../../olin/quantities.ts';
import { bodyKind, type BodyKind } from './body-kind.ts';
import { dumpBytes } from './hexdump.ts';
import { formatJson } from './json.ts';
import { TextView } from './text.ts';

/** Limit on the bytes kept for previews. The text view has its own, lower limit. */
const MAX_KEPT_BYTES = 8 * 1024 * 1024;
const MAX_DUMPED_BYTES = 16 * 1024;

/** Prepended to the guest's HTML: the policy forbids fetching and scripts, in addition to the frame's sandbox. */
const FRAME_HEAD =
  '<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'; img-src data:; font-src data:"><meta name="referrer" content="no-referrer">';

type Mode = 'preview' | 'text' | 'bytes';
const MODE_NAMES: Readonly<Record<Mode, string>> = {
  preview: 'Preview',
  text: 'Text',
  bytes: 'Bytes',
};

export class BodyView {
  readonly #root: HTMLElement;
  readonly #text: TextView;
  #chunks: Uint8Array[] = [];
  #keptBytes = 0;
  #type: string | undefined;
  #kind: BodyKind = 'text';

  constructor(root: HTMLElement) {
    this.#root = root;
    root.replaceChildren(
      make('div', 'tp-modes'),
      make('div', 'tp-preview'),
      make('pre', 'tp-stream'),
      make('pre', 'tp-stream tp-bytes'),
    );
    const [, , stream, bytes] = root.children;
    stream?.setAttribute('role', 'log');
    for (const each of [stream, bytes]) each?.setAttribute('tabindex', '0');
    stream?.setAttribute('aria-label', 'Output');
    bytes?.setAttribute('role', 'region');
    bytes?.setAttribute('aria-label', 'Bytes');
    this.#text = new TextView(find(root, '.tp-stream', HTMLElement));
    this.clear();
  }

  get bytes(): number {
    return this.#text.bytes;
  }

  clear(): void {
    this.#chunks = [];
    this.#keptBytes = 0;
    this.#text.clear();
    this.#preview.replaceChildren();
    this.begin(undefined);
  }

  /** Sets the content type; undefined for a program's output. */
  begin(type: string | undefined): void {
    this.#type = type;
    this.#kind = bodyKind(type);
    this.#find('.tp-modes').replaceChildren();
    this.#show('text');
  }

  add(bytes: Uint8Array): void {
    if (this.#keptBytes + bytes.length <= MAX_KEPT_BYTES) {
      this.#chunks.push(bytes);
      this.#keptBytes += bytes.length;
    }
    // Binary bodies are not shown as text while they arrive.
    if (this.#kind === 'image' || this.#kind === 'bytes') this.#text.bytes += bytes.length;
    else this.#text.add(bytes);
  }

  /** Called when the body is complete. */
  end(): void {
    this.#text.end();
    if (this.bytes === 0) return;
    const whole = this.#keptBytes === this.bytes;
    const modes: Mode[] = [];
    if (whole && this.#renderPreview()) modes.push('preview');
    const binary = this.#kind === 'image' || this.#kind === 'bytes';
    if (!binary) modes.push('text');
    modes.push('bytes');
    this.#offer(modes);
    this.#show(modes[0] ?? 'text');
  }

  #renderPreview(): boolean {
    const bytes = this.#join();
    const preview = this.#preview;
    if (this.#kind === 'json') {
      const formatted = formatJson(new TextDecoder().decode(bytes));
      if (formatted === undefined) return false;
      const pre = make('pre', 'tp-stream');
      pre.tabIndex = 0;
      pre.setAttribute('role', 'region');
      pre.setAttribute('aria-label', 'JSON');
      new TextView(pre).add(new TextEncoder().encode(formatted));
      preview.replaceChildren(pre);
      return true;
    }
    if (this.#kind === 'html') {
      const frame = make('iframe', 'tp-frame');
      frame.setAttribute('sandbox', '');
      frame.setAttribute('referrerpolicy', 'no-referrer');
      frame.title = 'HTML response of the guest';
      frame.srcdoc = FRAME_HEAD + new TextDecoder().decode(bytes);
      preview.replaceChildren(frame);
      return true;
    }
    if (this.#kind === 'image') {
      const image = make('img', 'tp-image');
      const essence = (this.#type ?? '').split(';')[0]?.trim() ?? '';
      image.alt = `Image response of the guest: ${essence}, ${formatBytes(bytes.length)}`;
      // The site's Content-Security-Policy allows images from data URLs only.
      const reader = new FileReader();
      reader.addEventListener('load', () => {
        if (typeof reader.result === 'string') image.src = reader.result;
      });
      reader.readAsDataURL(new Blob([bytes], { type: essence }));
      preview.replaceChildren(image);
      return true;
    }
    return false;
  }

  #offer(modes: readonly Mode[]): void {
    const buttons = modes.map((mode) => {
      const button = make('button', 'tp-mode', MODE_NAMES[mode]);
      button.type = 'button';
      button.dataset['mode'] = mode;
      button.addEventListener('click', () => this.#show(mode));
      return button;
    });
    this.#find('.tp-modes').replaceChildren(...buttons);
  }

  #show(mode: Mode): void {
    this.#preview.hidden = mode !== 'preview';
    this.#find(':scope > .tp-stream:not(.tp-bytes)').hidden = mode !== 'text';
    const dump = this.#find('.tp-bytes');
    dump.hidden = mode !== 'bytes';
    if (mode === 'bytes') {
      const rest = this.bytes - MAX_DUMPED_BYTES;
      dump.replaceChildren(dumpBytes(this.#join(), MAX_DUMPED_BYTES));
      if (rest > 0) dump.append(make('span', 'tp-cut', `And ${formatBytes(rest)} more.`));
    }
    for (const button of this.#root.querySelectorAll<HTMLElement>('.tp-mode')) {
      button.setAttribute('aria-pressed', String(button.dataset['mode'] === mode));
    }
  }

  get #preview(): HTMLElement {
    return this.#find('.tp-preview');
  }

  #find(selector: string): HTMLElement {
    return find(this.#root, selector, HTMLElement);
  }

  #join(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.#keptBytes);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }
}
