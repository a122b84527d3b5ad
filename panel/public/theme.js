/**
 * Light or dark, before the first paint. The choice is the documentation's own: one key for both. A change is told by
 * a `themechange` event, by another tab, or by the system.
 */
const system = matchMedia('(prefers-color-scheme: light)');

function applyTheme() {
  let kept = null;
  try {
    kept = localStorage.getItem('starlight-theme');
  } catch {
    // Storage can be forbidden; the system's choice holds then.
  }
  document.documentElement.dataset['theme'] =
    kept === 'light' || kept === 'dark' ? kept : system.matches ? 'light' : 'dark';
}

applyTheme();
system.addEventListener('change', applyTheme);
addEventListener('storage', applyTheme);
addEventListener('themechange', applyTheme);
