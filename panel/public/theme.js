/**
 * Applies the light or dark theme before the first paint. The choice is shared with the documentation. It may change by a
 * `themechange` event, in another tab, or in the system's settings.
 */
const system = matchMedia('(prefers-color-scheme: light)');

function applyTheme() {
  let kept = null;
  try {
    kept = localStorage.getItem('starlight-theme');
  } catch {
    // If storage is blocked, the system's theme is used.
  }
  document.documentElement.dataset['theme'] =
    kept === 'light' || kept === 'dark' ? kept : system.matches ? 'light' : 'dark';
}

applyTheme();
system.addEventListener('change', applyTheme);
addEventListener('storage', applyTheme);
addEventListener('themechange', applyTheme);
