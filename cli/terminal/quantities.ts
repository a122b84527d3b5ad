/** Formats dates and outcomes. Sizes, durations and counts: olin/quantities.ts. `--json` has exact values. */
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
export function formatRelativeTime(time: string, now = Date.now()): string {
  const seconds = (Date.parse(time) - now) / 1000;
  if (Number.isNaN(seconds)) return time;
  const [unit, length] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  return RELATIVE.format(Math.round(seconds / length), unit);
}

/** Green, yellow or red, by outcome. A run that succeeded may have responded with an error. */
export function styleStatus(status: string, httpStatus: number | null = null): Text {
  if (status === 'succeeded' && httpStatus !== null && httpStatus >= 400) {
    return styled(httpStatus >= 500 ? 'red' : 'yellow', `error ${httpStatus}`);
  }
  if (status === 'succeeded') return styled('green', status);
  return styled(status === 'queued' || status === 'running' ? 'yellow' : 'red', status);
}
