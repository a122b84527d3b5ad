/** Formats quantities for display. */

const integer = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const threeDigits = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** `1,234` */
export function formatCount(count: number): string {
  return integer.format(count);
}

/** `12.3M`, for charts and narrow cells. */
export function formatShort(count: number): string {
  return short.format(count);
}

/** Formats instructions with all digits, because the bill is exact. */
export function formatGas(gas: number): string {
  return integer.format(gas);
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB'] as const;

/** `1.5 KiB` */
export function formatBytes(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${amount >= 1000 ? Math.round(amount) : threeDigits.format(amount)} ${UNITS[unit]}`;
}

/** `24 µs`, `0.8 ms`, `1.2 s`, `2 min 5 s` */
export function formatMs(ms: number): string {
  if (ms > 0 && ms < 0.1) return `${threeDigits.format(ms * 1000)} µs`;
  if (ms < 1000) return `${threeDigits.format(ms)} ms`;
  if (ms < 60_000) return `${threeDigits.format(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Formats a number of 64 KiB pages. */
export function formatPages(pages: number): string {
  return `${integer.format(pages)} ${pages === 1 ? 'page' : 'pages'} (${formatBytes(pages * 65_536)})`;
}
