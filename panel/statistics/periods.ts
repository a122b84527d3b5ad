/** The periods of the statistics. */

export const PERIODS = ['hour', 'day', 'week'] as const;
export type Period = (typeof PERIODS)[number];

/** Parses the query parameter. Unknown values mean `hour`. */
export function readPeriod(text: string | undefined): Period {
  return PERIODS.find((each) => each === text) ?? 'hour';
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric' });

/** Formats a label of the time axis. @param seconds since 1970 */
export function formatTick(seconds: number, period: Period): string {
  const date = new Date(seconds * 1000);
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
  return period === 'week' && isMidnight ? weekday.format(date) : clock.format(date);
}

/** Formats the start of an interval. */
export function formatStep(seconds: number, period: Period): string {
  const date = new Date(seconds * 1000);
  return period === 'week' ? `${weekday.format(date)}, ${clock.format(date)}` : clock.format(date);
}
