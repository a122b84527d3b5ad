/**
 * What was typed and not sent, for coming back to the page. In memory alone, since it may be a secret; gone with the tab,
 * which asks before it closes.
 */
import { useState } from 'preact/hooks';

const drafts = new Map<string, string>();

globalThis.addEventListener('beforeunload', (event) => {
  if (drafts.size > 0) event.preventDefault();
});

/**
 * A text that outlives its page until it is what was kept again, or is sent.
 *
 * @param key of the whole panel, such as `policy ID`
 * @param kept what there is without a draft
 */
export function useDraft(key: string, kept = ''): [text: string, edit: (next: string) => void] {
  const [text, setText] = useState(drafts.get(key) ?? kept);
  const edit = (next: string): void => {
    setText(next);
    if (next === kept) drafts.delete(key);
    else drafts.set(key, next);
  };
  return [text, edit];
}

/** Of what was sent. */
export function dropDraft(key: string): void {
  drafts.delete(key);
}
