/** HTML strings, used both by the site's build and in the browser. */

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** SVG paths of the icons: 16 by 16, in the text's colour. */
const PATHS = {
  run: '<path d="M5 3.2v9.6a.6.6 0 0 0 .92.5l7.3-4.8a.6.6 0 0 0 0-1L5.92 2.7A.6.6 0 0 0 5 3.2Z" fill="currentColor"/>',
  stop: '<rect x="4" y="4" width="8" height="8" rx="1.5" fill="currentColor"/>',
  reset:
    '<path d="M3.2 8a4.8 4.8 0 1 0 1.6-3.6M3.2 2.6v2.6h2.6" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/>',
  share:
    '<path d="M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2-2a2.6 2.6 0 0 0-3.7-3.7l-.7.7M9.2 6.8a2.6 2.6 0 0 0-3.7 0l-2 2a2.6 2.6 0 0 0 3.7 3.7l.7-.7" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round"/>',
  open: '<path d="M8 10.2V3m0 0L5.2 5.8M8 3l2.8 2.8M3 10.5v1.3c0 .7.5 1.2 1.2 1.2h7.6c.7 0 1.2-.5 1.2-1.2v-1.3" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/>',
  copy: '<path d="M5.5 5.5V4.2c0-.7.5-1.2 1.2-1.2h5.1c.7 0 1.2.5 1.2 1.2v5.1c0 .7-.5 1.2-1.2 1.2h-1.3M4.2 5.5h5.1c.7 0 1.2.5 1.2 1.2v5.1c0 .7-.5 1.2-1.2 1.2H4.2c-.7 0-1.2-.5-1.2-1.2V6.7c0-.7.5-1.2 1.2-1.2Z" fill="none" stroke="currentColor" stroke-width="1.4"/>',
} as const;

export function icon(name: keyof typeof PATHS): string {
  return `<svg class="tp-icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">${PATHS[name]}</svg>`;
}

export interface TabText {
  readonly key: string;
  readonly label: string;
  readonly panel: string;
}

/** Renders a tab list and its panels by the ARIA pattern, with the first selected. {@link Tabs} adds the behaviour. */
export function tabsHtml(id: string, label: string, tabs: readonly TabText[]): string {
  const heads = tabs.map(
    ({ key, label: text }, index) =>
      `<button type="button" role="tab" id="${id}-${key}-tab" data-key="${key}" aria-controls="${id}-${key}" aria-selected="${index === 0}"${index === 0 ? '' : ' tabindex="-1"'}>${escapeHtml(text)}<span class="tp-count"></span></button>`,
  );
  const panels = tabs.map(
    ({ key, panel }, index) =>
      `<div role="tabpanel" id="${id}-${key}" aria-labelledby="${id}-${key}-tab"${index === 0 ? '' : ' hidden'}>${panel}</div>`,
  );
  return `<div class="tp-tabs" role="tablist" aria-label="${escapeHtml(label)}">${heads.join('')}</div>${panels.join('')}`;
}
