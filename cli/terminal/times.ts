/** Parses times on the command line. */
import { UsageError } from '../errors.ts';

/** Description of valid times, for help and error messages. */
export const TIME_FORM =
  'an age (30s, 15m, 2h, 7d), or a time in UTC or with a zone (2026-11-24, 2026-11-24T10:00, 2026-11-24T10:00:00+01:00)';

const DURATION = /^(\d+)\s*(s|m|h|d|w)$/;
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const TIME =
  /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d)(?::(\d\d(?:\.\d{1,9})?))?\s?([Zz]|[+-]\d\d:\d\d)?)?$/;

/**
 * Parses an age (`30s`, `15m`, `2h`, `7d`, `1w`) or an ISO 8601 date or time, which is in UTC unless it has a zone, so that
 * a command line means the same on every machine. Returns undefined if it is neither, or not a date in the calendar.
 */
export function readTime(given: string, now = Date.now()): string | undefined {
  const [, amount, unit] = DURATION.exec(given) ?? [];
  if (amount !== undefined && unit !== undefined) {
    const at = now - Number(amount) * 1000 * (SECONDS[unit] ?? 1);
    return Number.isFinite(at) && at > 0 ? new Date(at).toISOString() : undefined;
  }
  const [, day, clock = '00:00', seconds = '00', zone = 'Z'] = TIME.exec(given) ?? [];
  if (day === undefined || !isDay(day) || clock >= '24:00') return undefined;
  const at = Date.parse(`${day}T${clock}:${seconds}${zone.toUpperCase()}`);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

/** Rejects dates such as 30 February, which Date converts to 2 March. */
function isDay(day: string): boolean {
  const at = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
}

/**
 * Parses the value of an option. Throws a UsageError if it is not a time.
 * @param name the name of the option, for the error
 */
export function readTimeOption(name: string, given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const time = readTime(given);
  if (time !== undefined) return time;
  throw new UsageError(`--${name} is "${given}"; write ${TIME_FORM}.`);
}
