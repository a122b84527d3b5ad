/** Shows the resources a run used and their limits. */
import { make } from '../dom.ts';
import {
  formatBytes,
  formatCount,
  formatMany,
  formatMs,
  formatShare,
} from '../../olin/quantities.ts';
import type { RunEnding } from '../worker/worker-api.ts';
import { buildGas } from './gas.ts';

const MAX_URLS = 50;

export function buildBill({ bill, limits }: RunEnding): Node[] {
  const { gas, memoryPages, calls, urls, bytesIn, bytesOut, wallMs } = bill;
  const facts = make(
    'dl',
    'tp-facts',
    buildFact('Time', formatMs(wallMs)),
    buildFact('Bytes in', formatBytes(bytesIn)),
    buildFact('Bytes out', formatBytes(bytesOut)),
  );
  return [
    make(
      'div',
      'tp-meters',
      buildMeter(
        'Gas',
        gas,
        limits.gas,
        `${formatCount(gas)} of ${formatCount(limits.gas)} instructions`,
      ),
      buildMeter(
        'Memory',
        memoryPages,
        limits.memoryPages,
        `${formatCount(memoryPages)} of ${formatMany(limits.memoryPages, 'page')} of 64 KiB`,
      ),
    ),
    ...buildGas(bill),
    facts,
    ...buildCalls(calls),
    ...buildUrls(urls),
  ];
}

function buildMeter(name: string, used: number, limit: number, text: string): HTMLElement {
  const part = limit === 0 ? 1 : Math.min(used / limit, 1);
  const fill = make('div');
  fill.style.width = `${part * 100}%`;
  const meter = make('div', part > 0.9 ? 'tp-track tp-high' : 'tp-track', fill);
  meter.role = 'meter';
  meter.ariaLabel = name;
  meter.ariaValueMin = '0';
  meter.ariaValueMax = String(limit);
  meter.ariaValueNow = String(Math.min(used, limit));
  meter.ariaValueText = text;
  return make(
    'div',
    'tp-meter',
    make('div', '', make('b', '', name), make('span', '', text), make('i', '', formatShare(part))),
    meter,
  );
}

/** A name and its value on one line. */
function buildFact(name: string, value: string): HTMLElement {
  return make('div', '', make('dt', '', name), make('dd', '', value));
}

function buildCalls(calls: Readonly<Record<string, number>>): Node[] {
  const rows = Object.entries(calls).sort(([, a], [, b]) => b - a);
  if (rows.length === 0) return [];
  return [
    make('p', 'tp-title', 'System calls'),
    make(
      'ul',
      'tp-tally',
      ...rows.map(([name, count]) =>
        make('li', '', make('code', '', name), make('span', '', `× ${formatCount(count)}`)),
      ),
    ),
  ];
}

function buildUrls(urls: readonly string[]): Node[] {
  if (urls.length === 0) return [];
  const items = urls.slice(0, MAX_URLS).map((url) => make('li', '', make('code', '', url)));
  if (urls.length > MAX_URLS)
    items.push(make('li', '', `and ${formatCount(urls.length - MAX_URLS)} more`));
  return [make('p', 'tp-title', 'URLs opened'), make('ol', 'tp-urls', ...items)];
}
