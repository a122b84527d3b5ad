/** `<site-search>`: the search dialog. Ctrl+K or Cmd+K opens it, arrow keys select a result, Enter follows it. */
import { buildResult } from './results.ts';
import { loadIndex, type SearchIndex } from './pagefind.ts';

/** Maximum number of pages shown. */
const MAX_RESULTS = 8;

class SiteSearch extends HTMLElement {
  #index: Promise<SearchIndex> | undefined;
  /** Counts searches, so that a late result does not replace a newer one. */
  #searchCount = 0;

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
      // A click on the backdrop has the dialog itself as its target. A link may lead to a section of the same page.
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
      this.#showStatus('The search index could not be loaded. Close this dialog and try again.');
    });
  }

  async #search(): Promise<void> {
    const words = this.#input.value.trim();
    this.#searchCount += 1;
    const count = this.#searchCount;
    if (words === '') {
      this.#showStatus('');
      this.#results.replaceChildren();
      return;
    }
    const index = await (this.#index ?? loadIndex());
    const found = await index.search(words, MAX_RESULTS);
    if (count !== this.#searchCount) return;
    this.#results.replaceChildren(...found.pages.map(buildResult));
    this.#results.scrollTop = 0;
    this.#showStatus(describeCount(found.total, words));
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

  #showStatus(text: string): void {
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
  if (total === 0) return `No results for “${words}”.`;
  return total === 1 ? '1 page' : `${total} pages`;
}

customElements.define('site-search', SiteSearch);
