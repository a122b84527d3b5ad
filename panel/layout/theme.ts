/** The choice between light and dark, shared with the documentation. `public/theme.js` applies it. */
import { signal } from '@preact/signals';

const KEY = 'starlight-theme';

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export const theme = signal<Theme>(readTheme());
globalThis.addEventListener('storage', () => (theme.value = readTheme()));

export function setTheme(chosen: Theme): void {
  theme.value = chosen;
  try {
    localStorage.setItem(KEY, chosen === 'auto' ? '' : chosen);
  } catch {
    // Storage can be forbidden; then the choice is not kept.
  }
  globalThis.dispatchEvent(new Event('themechange'));
}

function readTheme(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === 'light' || kept === 'dark' ? kept : 'auto';
  } catch {
    return 'auto';
  }
}

/** What is shown now, for what draws by itself. */
export const shownTheme = signal(document.documentElement.dataset['theme']);
new MutationObserver(() => {
  shownTheme.value = document.documentElement.dataset['theme'];
}).observe(document.documentElement, { attributeFilter: ['data-theme'] });
