/** Formats sizes, times and amounts for display. `--json` has exact values. */
import { styled, type Text } from './text.ts';

const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

/** `3 minutes ago`, `in 89 days`. */
export function sayWhen(time: string, now = Date.now()): string {
  const seconds = (Date.parse(time) - now) / 1000;
  if (Number.isNaN(seconds)) return time;
  const [unit, length] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  return RELATIVE.format(Math.round(seconds / length), unit);
}

export function sayBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

export function sayCount(count: number): string {
  return count.toLocaleString('en');
}

/** `1 page`, `17 pages`. */
export function sayMany(count: number, what: string): string {
  return `${sayCount(count)} ${what}${count === 1 ? '' : 's'}`;
}

export function sayMs(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** Green, yellow or red, by outcome. A run that succeeded may have responded with an error. */
export function sayStatus(status: string, httpStatus: number | null = null): Text {
  if (status === 'succeeded' && httpStatus !== null && httpStatus >= 400) {
    return styled(httpStatus >= 500 ? 'red' : 'yellow', `error ${httpStatus}`);
  }
  if (status === 'succeeded') return styled('green', status);
  return styled(status === 'queued' || status === 'running' ? 'yellow' : 'red', status);
}
