/** The spans that figures are shown over. */

export const PERIODS = ['hour', 'day', 'week'] as const;
export type Period = (typeof PERIODS)[number];

/** As it stands in the address; anything else counts as the hour. */
export function readPeriod(text: string | undefined): Period {
  return PERIODS.find((each) => each === text) ?? 'hour';
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric' });

/** A mark under a chart. @param seconds since 1970 */
export function formatTick(seconds: number, period: Period): string {
  const date = new Date(seconds * 1000);
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
  return period === 'week' && isMidnight ? weekday.format(date) : clock.format(date);
}

/** The beginning of a step, in full. */
export function formatStep(seconds: number, period: Period): string {
  const date = new Date(seconds * 1000);
  return period === 'week' ? `${weekday.format(date)}, ${clock.format(date)}` : clock.format(date);
}
