/**
 * `<trisiel-playground example="NAME">` and, whole-page, `<trisiel-playground page>`.
 *
 *     data-run-origin   origin that serves handlers, for the curl line; default http://127.0.0.1:4001
 *     data-share-page   page that a shared link opens; default /playground/
 *
 * A page loads only this file at first. The rest is loaded on the first interaction:
 * pointer movement, a key press or scrolling.
 */
import type { App, AppOptions } from './app.ts';
import type { ExampleData } from './data.ts';
import { reachSource } from '../dom.ts';
import { decodeShare, hasShare, type SharedState } from './share.ts';

const INTERACTION_EVENTS = [
  'pointermove',
  'pointerdown',
  'keydown',
  'touchstart',
  'wheel',
  'dragenter',
] as const;

/** Resolves on the first interaction with the page. */
const interest = new Promise<void>((resolve) => {
  for (const type of INTERACTION_EVENTS)
    addEventListener(type, () => resolve(), { once: true, passive: true });
});

export class PlaygroundElement extends HTMLElement {
  #app: Promise<App> | undefined;
  #visible: IntersectionObserver | undefined;

  connectedCallback(): void {
    if (this.hasAttribute('page')) {
      void import('./page.ts').then(({ openPage }) => openPage(this, this.#options));
      return;
    }
    // Actions before the app is loaded are replayed once it is.
    this.addEventListener('click', this.#replayWhenLoaded, { capture: true });
    this.addEventListener('submit', this.#replayWhenLoaded, { capture: true });
    this.addEventListener('focusin', () => void this.#load(), { once: true });
    this.addEventListener('pointerenter', () => void this.#load(), { once: true });
    reachSource(this, this.getAttribute('example') ?? 'the example');
    this.#visible = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      this.#visible?.disconnect();
      void interest.then(() => (this.isConnected ? this.#load() : undefined));
    });
    this.#visible.observe(this);
    if (hasShare(location.hash)) void this.#restore();
  }

  disconnectedCallback(): void {
    this.#visible?.disconnect();
    void this.#app?.then((app) => app.close());
  }

  get #options(): AppOptions {
    return {
      interest,
      runOrigin: this.dataset['runOrigin'] ?? 'http://127.0.0.1:4001',
      sharePage: this.dataset['sharePage'] ?? '/playground/',
    };
  }

  #load(): Promise<App> {
    this.#app ??= this.#open();
    return this.#app;
  }

  async #open(): Promise<App> {
    const { openEmbedded } = await import('./page.ts');
    const app = openEmbedded(this, readData(this), this.#options);
    this.removeEventListener('click', this.#replayWhenLoaded, { capture: true });
    this.removeEventListener('submit', this.#replayWhenLoaded, { capture: true });
    return app;
  }

  async #restore(): Promise<void> {
    const shared = await decodeShare(location.hash);
    if (shared.ok && shared.value.example === this.getAttribute('example')) {
      (await this.#load()).restore(shared.value satisfies SharedState);
    }
  }

  readonly #replayWhenLoaded = (event: Event): void => {
    const target = event.target instanceof Element ? event.target : null;
    const button = target?.closest<HTMLElement>('[data-do], [role="tab"]');
    const act = (app: App): void => {
      if (event.type === 'submit') app.run();
      else if (button) button.click();
      else if (target?.closest('.tp-code') && !target.closest('button')) app.edit();
    };
    if (event.type === 'submit' || button) {
      event.preventDefault();
      event.stopPropagation();
    }
    void this.#load().then(act);
  };
}

/** Reads the example that the page embeds. */
function readData(element: HTMLElement): ExampleData {
  const text = element.querySelector('script[type="application/json"]')?.textContent;
  if (text === undefined || text === null) throw new Error('the playground embeds no example');
  // Written by the site's build from the same type.
  return JSON.parse(text) as ExampleData;
}

customElements.define('trisiel-playground', PlaygroundElement);
