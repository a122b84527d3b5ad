import { signal } from '@preact/signals';

/** Relative times are updated while they are displayed. */
const now = signal(Date.now());
setInterval(() => (now.value = Date.now()), 15_000);

const STEPS = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** @param at an RFC 3339 timestamp from the API */
export function Time({ at }: { readonly at: string }) {
  const date = new Date(at);
  return (
    <time dateTime={at} title={`${exact.format(date)} (${at})`}>
      {formatAgo(date.getTime(), now.value)}
    </time>
  );
}

export function formatExact(at: string): string {
  return exact.format(new Date(at));
}

/** Formats a time relative to now. Both parameters are in milliseconds since 1970. */
export function formatAgo(atMs: number, nowMs: number): string {
  const seconds = (atMs - nowMs) / 1000;
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
  }
  return seconds > 5 ? 'in a moment' : 'just now';
}
