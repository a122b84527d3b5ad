/** Parses times and days in requests. */
import { Type } from 'typebox';
import { invalidField } from '../../problems/problems.ts';

const TIME_FORM = 'a time such as 2026-01-31T12:00:00Z';
const DAY_FORM = 'a day such as 2026-01-31';

export const TimeText = Type.String({
  format: 'date-time',
  minLength: 20,
  maxLength: 35,
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)$',
  'x-form': TIME_FORM,
});

export const DayText = Type.String({
  format: 'date',
  minLength: 10,
  maxLength: 10,
  pattern: '^\\d{4}-\\d\\d-\\d\\d$',
  'x-form': DAY_FORM,
});

/** Years have four digits, and there is no year 0. */
const FIRST = new Date('0001-01-02T00:00:00Z').getTime();
const LAST = Date.UTC(10_000, 0);

export function readTime(field: string, text: string): Date {
  const time = new Date(text);
  const at = time.getTime();
  if (at >= FIRST && at < LAST && isDay(text.slice(0, 10))) return time;
  throw invalidField(field, 'not a valid time', TIME_FORM);
}

/** Returns the text if it is a valid day. Throws an `invalid-request` problem otherwise. */
export function readDay(field: string, text: string): string {
  const at = new Date(`${text}T00:00:00Z`).getTime();
  if (at >= FIRST && at < LAST && isDay(text)) return text;
  throw invalidField(field, 'not a valid day', DAY_FORM);
}

/** Rejects days such as 30 February, which Date converts to 2 March. */
function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
