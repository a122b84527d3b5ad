/**
 * Keeps unsent input when the user leaves a page and returns. Only in memory, because it may be secret; the browser asks
 * before the tab is closed.
 */
import { useState } from 'preact/hooks';

const drafts = new Map<string, string>();

globalThis.addEventListener('beforeunload', (event) => {
  if (drafts.size > 0) event.preventDefault();
});

/**
 * State for a text that survives leaving the page, until it equals `saved` again or {@link dropDraft} removes it.
 *
 * @param key unique in the panel, such as `policy ID`
 * @param saved the text if there is no draft
 */
export function useDraft(key: string, saved = ''): [text: string, edit: (next: string) => void] {
  const [text, setText] = useState(drafts.get(key) ?? saved);
  const edit = (next: string): void => {
    setText(next);
    if (next === saved) drafts.delete(key);
    else drafts.set(key, next);
  };
  return [text, edit];
}

/** Removes a draft after it was sent. */
export function dropDraft(key: string): void {
  drafts.delete(key);
}
