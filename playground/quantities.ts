/** Formats numbers for display. */

const INTEGER = new Intl.NumberFormat('en');

export function showCount(count: number): string {
  return INTEGER.format(count);
}

/** `1 page`, `2 pages`. */
export function showMany(count: number, noun: string): string {
  return `${showCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

export function showBytes(bytes: number): string {
  if (bytes < 1024) return showMany(bytes, 'byte');
  const kib = bytes / 1024;
  return kib < 1024 ? `${showShort(kib)} KiB` : `${showShort(kib / 1024)} MiB`;
}

export function showMs(ms: number): string {
  return ms < 1000 ? `${showShort(ms)} ms` : `${showShort(ms / 1000)} s`;
}

/** Formats a fraction from 0 to 1 as a percentage. */
export function showShare(part: number): string {
  return part > 0 && part < 0.001 ? '<0.1%' : `${(part * 100).toFixed(1)}%`;
}

/** Formats with two or three significant digits. */
function showShort(value: number): string {
  return value < 10 ? value.toFixed(value < 1 ? 2 : 1) : INTEGER.format(Math.round(value));
}
