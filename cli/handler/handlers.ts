/** Formats handlers for tables, and as curl commands. */
import type { ApiHandler } from '../../client/views.ts';
import { formatRelativeTime } from '../terminal/quantities.ts';
import { quoteWord } from '../terminal/shell-word.ts';
import type { TableColumn } from '../terminal/table.ts';
import { styled, text, type Text, type Word } from '../terminal/text.ts';

export const HANDLER_COLUMNS: readonly TableColumn[] = [
  { title: 'NAME' },
  { title: 'VERSION', align: 'right' },
  { title: 'MODE' },
  { title: 'CHANGED' },
  { title: 'URL' },
];

export function handlerRow(handler: ApiHandler): Word[] {
  const { name, activeVersion, mode, updatedAt, url } = handler;
  return [
    name,
    activeVersion ?? styled('dim', 'none'),
    handler.private ? `${mode}, private` : mode,
    formatRelativeTime(updatedAt),
    url,
  ];
}

/** Returns a command to paste into a shell. */
export function curlLine(handler: Pick<ApiHandler, 'url' | 'private'>): Text {
  const header = handler.private ? ' -H "Authorization: Bearer $TRISIEL_TOKEN"' : '';
  return text`curl${header} ${quoteWord(handler.url)}`;
}
