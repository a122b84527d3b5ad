/** Formats sizes, times and counts for people. Pages, the panel and the command all use it, so that a value reads the same everywhere. */

const integer = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const threeDigits = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** All digits: `12,345`. */
export function formatCount(count: number): string {
  return integer.format(count);
}

/** A count with its noun, whose plural ends with s: `1 page`, `17 pages`. */
export function formatMany(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Three digits, for charts and narrow cells: `12.3M`. */
export function formatShort(count: number): string {
  return compact.format(count);
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB'] as const;

/** Three digits, in powers of 1,024: `500 B`, `12.1 KiB`. */
export function formatBytes(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${amount >= 1000 ? formatCount(Math.round(amount)) : threeDigits.format(amount)} ${UNITS[unit]}`;
}

const PAGE_BYTES = 65_536;

/** A number of 64 KiB pages: `17 pages (1.06 MiB)`. */
export function formatPages(pages: number): string {
  return `${formatMany(pages, 'page')} (${formatBytes(pages * PAGE_BYTES)})`;
}

/** Three digits: `24 µs`, `0.8 ms`, `1.2 s`, `2 min 5 s`. */
export function formatMs(ms: number): string {
  if (ms > 0 && ms < 0.1) return `${threeDigits.format(ms * 1000)} µs`;
  if (ms < 1000) return `${threeDigits.format(ms)} ms`;
  if (ms < 60_000) return `${threeDigits.format(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  return `${formatCount(Math.floor(seconds / 60))} min ${seconds % 60} s`;
}

/** A fraction from 0 to 1 as a percentage: `<0.1%`, `12.5%`. */
export function formatShare(part: number): string {
  return part > 0 && part < 0.001 ? '<0.1%' : `${(part * 100).toFixed(1)}%`;
}
