/** The light or dark theme, shared with the documentation. `public/theme.js` applies it. */
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
    // If storage is blocked, the choice is not saved.
  }
  globalThis.dispatchEvent(new Event('themechange'));
}

function readTheme(): Theme {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === 'light' || stored === 'dark' ? stored : 'auto';
  } catch {
    return 'auto';
  }
}

/** The theme currently displayed, for components that draw on a canvas. */
export const shownTheme = signal(document.documentElement.dataset['theme']);
new MutationObserver(() => {
  shownTheme.value = document.documentElement.dataset['theme'];
}).observe(document.documentElement, { attributeFilter: ['data-theme'] });
