/** The picture of where the gas of a run went: the functions that used most, each with its bar. */
import type { Bill, FunctionGas } from '../../olin/index.ts';
import { make } from '../dom.ts';
import { showCount, showMany, showShare } from '../quantities.ts';

/** Functions shown; the rest is one more row. */
const MAX_FUNCTIONS = 12;

export interface GasRow {
  readonly name: string;
  readonly gas: number;
  /** Of how many functions it is the sum, where it is one. */
  readonly others?: number;
}

/** The first functions, and the others as one. The rows add up to what all functions used. */
export function gatherRows(functions: readonly FunctionGas[], most = MAX_FUNCTIONS): GasRow[] {
  // One more function takes no more room than the row that would stand for it.
  const shown = functions.length <= most + 1 ? functions.length : most;
  const rest = functions.slice(shown);
  const rows: GasRow[] = functions.slice(0, shown).map(({ name, gas }) => ({ name, gas }));
  if (rest.length > 0) {
    const gas = rest.reduce((sum, each) => sum + each.gas, 0);
    rows.push({ name: `${showCount(rest.length)} others`, gas, others: rest.length });
  }
  return rows;
}

export function buildGas({ gas, gasByFunction }: Bill): Node[] {
  if (gas === 0) return [];
  const title = make('p', 'tp-title', 'Gas by function');
  if (gasByFunction === undefined) {
    const text = 'This module has too many functions to count their gas one by one.';
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
  const share = showShare(row.gas / total);
  const count = make('span', '', showCount(row.gas), make('span', 'tp-hidden', ' instructions'));
  const item = make('li', '', make('div', '', bar, name), count, make('b', '', share));
  if (row.others !== undefined) item.className = 'tp-others';
  item.title = `${row.name}: ${showMany(row.gas, 'instruction')}, ${share}`;
  return item;
}

/** A long name, to be broken where its parts end. */
function breakable(name: string): (Node | string)[] {
  return name
    .split(/(?<=::|[/.])/)
    .flatMap((part, at) => (at === 0 ? [part] : [make('wbr'), part]));
}
