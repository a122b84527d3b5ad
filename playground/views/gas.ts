/** Bar chart of the functions that used the most gas. */
import type { Bill, FunctionGas } from '../../olin/index.ts';
import { make } from '../dom.ts';
import { formatCount, formatMany, formatShare } from '../../olin/quantities.ts';

/** Functions listed individually; the others share one row. */
const MAX_FUNCTIONS = 12;

export interface GasRow {
  readonly name: string;
  readonly gas: number;
  /** Number of functions that the row sums up; undefined for a single function. */
  readonly others?: number;
}

/** Returns the first functions and one row for the others. The rows add up to the total gas. */
export function gatherRows(
  functions: readonly FunctionGas[],
  maxFunctions = MAX_FUNCTIONS,
): GasRow[] {
  // A row for a single remaining function would take as much space as the function itself.
  const shown = functions.length <= maxFunctions + 1 ? functions.length : maxFunctions;
  const rest = functions.slice(shown);
  const rows: GasRow[] = functions.slice(0, shown).map(({ name, gas }) => ({ name, gas }));
  if (rest.length > 0) {
    const gas = rest.reduce((sum, each) => sum + each.gas, 0);
    rows.push({ name: `${formatCount(rest.length)} others`, gas, others: rest.length });
  }
  return rows;
}

export function buildGas({ gas, gasByFunction }: Bill): Node[] {
  if (gas === 0) return [];
  const title = make('p', 'tp-title', 'Gas by function');
  if (gasByFunction === undefined) {
    const text = 'This module has too many functions to count gas for each of them.';
    return [title, make('p', 'tp-empty', text)];
  }
  const rows = gatherRows(gasByFunction);
  const largest = Math.max(...rows.map((row) => row.gas));
  return [title, make('ol', 'tp-gas', ...rows.map((row) => buildRow(row, gas, largest)))];
}

function buildRow(row: GasRow, total: number, largest: number): HTMLElement {
  const bar = make('div', 'tp-gas-bar');
  bar.style.width = `${(row.gas / largest) * 100}%`;
  const name = row.others === undefined ? make('code', '', ...breakable(row.name)) : row.name;
  const share = formatShare(row.gas / total);
  const count = make('span', '', formatCount(row.gas), make('span', 'tp-hidden', ' instructions'));
  const item = make('li', '', make('div', '', bar, name), count, make('b', '', share));
  if (row.others !== undefined) item.className = 'tp-others';
  item.title = `${row.name}: ${formatMany(row.gas, 'instruction')}, ${share}`;
  return item;
}

/** Allows line breaks between the parts of a long name. */
function breakable(name: string): (Node | string)[] {
  return name
    .split(/(?<=::|[/.])/)
    .flatMap((part, at) => (at === 0 ? [part] : [make('wbr'), part]));
}
