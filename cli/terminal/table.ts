/** Tables in columns, two spaces apart. */
import { inLine, lines, styled, Text, type Word } from './text.ts';

export interface TableColumn {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** @param columns width at which the last column is cut off; undefined: never */
export function table(
  columns: readonly TableColumn[],
  rows: readonly (readonly Word[])[],
  mostColumns?: number,
): Text {
  const cells = rows.map((row) => row.map(inLine));
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...cells.map((row) => row[at]?.width ?? 0)),
  );
  const head = columns.map(({ title }) => styled('bold', title));
  return lines([head, ...cells].map((row) => layOut(row, columns, widths, mostColumns)));
}

/** Formats pairs of name and value. */
export function facts(rows: readonly (readonly [string, Word])[]): Text {
  const width = Math.max(...rows.map(([name]) => name.length));
  return lines(
    rows.map(([name, value]) => {
      const label = styled('dim', name.padEnd(width));
      return new Text(`${label.raw}  ${inLine(value).raw}`);
    }),
  );
}

function layOut(
  row: readonly Text[],
  columns: readonly TableColumn[],
  widths: readonly number[],
  mostColumns: number | undefined,
): Text {
  const last = columns.length - 1;
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + 2, 0);
  const parts = row.map((cell, at) => {
    const space = ' '.repeat(Math.max(0, (widths[at] ?? 0) - cell.width));
    if (columns[at]?.align === 'right') return space + cell.raw;
    if (at === last)
      return cut(cell, mostColumns === undefined ? undefined : mostColumns - before).raw;
    return cell.raw + space;
  });
  return new Text(parts.join('  ').trimEnd());
}

/** Truncates the last column at the edge of the terminal if part of it fits. */
function cut(cell: Text, room: number | undefined): Text {
  if (room === undefined || room < 12 || cell.width <= room) return cell;
  return new Text(`${cell.plain.slice(0, room - 1)}…`);
}
