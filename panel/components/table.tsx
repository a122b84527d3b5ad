import type { ComponentChildren } from 'preact';
import './table.css';

export interface Column<Row> {
  readonly head: ComponentChildren;
  readonly cell: (row: Row) => ComponentChildren;
  /** Right-aligned with tabular figures. */
  readonly isNumber?: boolean;
  /** Hidden on narrow screens. */
  readonly isWide?: boolean;
  /** The row's heading. One column per table. */
  readonly isName?: boolean;
  /** As narrow as its content. */
  readonly isTight?: boolean;
}

export interface TableProps<Row> {
  /** For screen readers. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
}

export function Table<Row>({ caption, columns, rows, keyOf }: TableProps<Row>) {
  return (
    <table class="table">
      <caption class="sr-only">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column, at) => (
            <th key={at} scope="col" class={classOf(column)}>
              {column.head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map((column, at) =>
              column.isName === true ? (
                <th key={at} scope="row" class={classOf(column)}>
                  {column.cell(row)}
                </th>
              ) : (
                <td key={at} class={classOf(column)}>
                  {column.cell(row)}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function classOf<Row>({ isNumber, isWide, isTight }: Column<Row>): string | undefined {
  const names = [
    ...(isNumber === true ? ['is-number'] : []),
    ...(isWide === true ? ['is-wide'] : []),
    ...(isTight === true ? ['is-tight'] : []),
  ];
  return names.length === 0 ? undefined : names.join(' ');
}
