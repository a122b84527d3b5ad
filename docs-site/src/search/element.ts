/** `<site-search>`: a dialog over Pagefind's index. Control or Command and K opens it, arrows move, Enter goes. */
import { buildResult } from './results.ts';
import { loadIndex, type SearchIndex } from './pagefind.ts';

/** Results shown at first; a longer list helps nobody. */
const MAX_RESULTS = 8;

class SiteSearch extends HTMLElement {
  #index: Promise<SearchIndex> | undefined;
  /** Counts searches, so that a late answer does not replace a newer one. */
  #asked = 0;

  connectedCallback(): void {
    const open = this.#find('[data-open]', HTMLButtonElement);
    const dialog = this.#dialog;
    if (/Mac|iPhone|iPad/.test(navigator.userAgent)) {
      this.#find('[data-shortcut]', HTMLElement).textContent = '⌘ K';
    }
    open.disabled = false;
    open.addEventListener('click', () => this.#open());
    this.#find('[data-close]', HTMLButtonElement).addEventListener('click', () => dialog.close());
    this.#input.addEventListener('input', () => void this.#search());
    dialog.addEventListener('keydown', (event) => this.#move(event));
    dialog.addEventListener('click', (event) => {
      const { target } = event;
      // A click beside the dialog's content is on the dialog itself; a link to a place on this page stays here.
      if (target === dialog || (target instanceof Element && target.closest('a') !== null)) {
        dialog.close();
      }
    });
    addEventListener('keydown', (event) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      if (dialog.open) dialog.close();
      else this.#open();
    });
  }

  #open(): void {
    this.#dialog.showModal();
    this.#input.select();
    this.#index ??= loadIndex();
    this.#index.catch(() => {
      this.#index = undefined;
      this.#tell('The index could not be loaded. Close this and try again.');
    });
  }

  async #search(): Promise<void> {
    const words = this.#input.value.trim();
    this.#asked += 1;
    const asked = this.#asked;
    if (words === '') {
      this.#tell('');
      this.#results.replaceChildren();
      return;
    }
    const index = await (this.#index ?? loadIndex());
    const found = await index.search(words, MAX_RESULTS);
    if (asked !== this.#asked) return;
    this.#results.replaceChildren(...found.pages.map(buildResult));
    this.#results.scrollTop = 0;
    this.#tell(describeCount(found.total, words));
  }

  #move(event: KeyboardEvent): void {
    const links = [...this.#results.querySelectorAll('a')];
    const at = links.findIndex((link) => link === document.activeElement);
    if (event.key === 'Enter' && at < 0) links[0]?.click();
    else if (event.key === 'ArrowDown') links[Math.min(at + 1, links.length - 1)]?.focus();
    else if (event.key === 'ArrowUp') (at > 0 ? links[at - 1] : this.#input)?.focus();
    else return;
    event.preventDefault();
  }

  #tell(text: string): void {
    this.#find('[role="status"]', HTMLElement).textContent = text;
  }

  get #dialog(): HTMLDialogElement {
    return this.#find('dialog', HTMLDialogElement);
  }

  get #input(): HTMLInputElement {
    return this.#find('input', HTMLInputElement);
  }

  get #results(): HTMLElement {
    return this.#find('.search-results', HTMLElement);
  }

  #find<E extends Element>(selector: string, type: new () => E): E {
    const found = this.querySelector(selector);
    if (!(found instanceof type)) throw new Error(`<site-search> lacks ${selector}`);
    return found;
  }
}

function describeCount(total: number, words: string): string {
  if (total === 0) return `Nothing for “${words}”.`;
  return total === 1 ? '1 page' : `${total} pages`;
}

customElements.define('site-search', SiteSearch);
