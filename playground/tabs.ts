/** Tabs by the ARIA pattern: a single tab stop; arrow keys, Home and End move between the tabs. */

export class Tabs {
  readonly #tabs: readonly HTMLElement[];
  /** Called when the reader selects a tab. */
  onChoose: (key: string) => void = () => {};

  constructor(list: HTMLElement) {
    this.#tabs = [...list.querySelectorAll<HTMLElement>('[role="tab"]')];
    list.addEventListener('click', (event) => {
      const tab = event.target instanceof Element ? event.target.closest('[role="tab"]') : null;
      if (tab instanceof HTMLElement) this.#choose(tab);
    });
    list.addEventListener('keydown', (event) => {
      const next = this.#next(event.key);
      if (next === undefined) return;
      event.preventDefault();
      this.#choose(next);
      next.focus();
    });
  }

  get selected(): string {
    return this.#current?.dataset['key'] ?? '';
  }

  select(key: string): void {
    for (const tab of this.#tabs) {
      const selected = tab.dataset['key'] === key;
      tab.setAttribute('aria-selected', String(selected));
      tab.tabIndex = selected ? 0 : -1;
      const panel = document.querySelector(`#${tab.getAttribute('aria-controls')}`);
      if (panel instanceof HTMLElement) panel.hidden = !selected;
    }
  }

  /** Shows or hides a tab. If the selected tab is hidden, the first visible one is selected. */
  show(key: string, shown: boolean): void {
    const tab = this.#find(key);
    if (tab === undefined) return;
    tab.hidden = !shown;
    if (!shown && this.selected === key) {
      const first = this.#shown[0]?.dataset['key'];
      if (first !== undefined) this.select(first);
    }
  }

  label(key: string, text: string): void {
    const [node] = this.#find(key)?.childNodes ?? [];
    if (node !== undefined) node.textContent = text;
  }

  /** Returns the label without its count. */
  name(key: string): string {
    return this.#find(key)?.firstChild?.textContent ?? '';
  }

  /** Sets the count beside the label; an empty string removes it. */
  count(key: string, text: string): void {
    const count = this.#find(key)?.querySelector('.tp-count');
    if (count !== null && count !== undefined && count.textContent !== text)
      count.textContent = text;
  }

  get #current(): HTMLElement | undefined {
    return this.#tabs.find((tab) => tab.getAttribute('aria-selected') === 'true');
  }

  get #shown(): readonly HTMLElement[] {
    return this.#tabs.filter((tab) => !tab.hidden);
  }

  #find(key: string): HTMLElement | undefined {
    return this.#tabs.find((tab) => tab.dataset['key'] === key);
  }

  #choose(tab: HTMLElement): void {
    const key = tab.dataset['key'] ?? '';
    this.select(key);
    tab.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    this.onChoose(key);
  }

  #next(key: string): HTMLElement | undefined {
    const shown = this.#shown;
    const at = shown.findIndex((tab) => tab === this.#current);
    const { length } = shown;
    if (key === 'ArrowRight') return shown[(at + 1) % length];
    if (key === 'ArrowLeft') return shown[(at - 1 + length) % length];
    if (key === 'Home') return shown[0];
    if (key === 'End') return shown[length - 1];
    return undefined;
  }
}
