/** Times that are given on the command line. */
import { UsageError } from '../errors.ts';

const DURATION = /^(\d+)\s*(s|m|h|d|w)$/;
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `30s`, `15m`, `2h`, `7d`, `1w` before now, or a time as RFC 3339 has it. Undefined where it is neither. */
export function readTime(given: string, now = Date.now()): string | undefined {
  const [, amount, unit] = DURATION.exec(given) ?? [];
  if (amount !== undefined && unit !== undefined) {
    const at = now - Number(amount) * 1000 * (SECONDS[unit] ?? 1);
    return Number.isFinite(at) && at > 0 ? new Date(at).toISOString() : undefined;
  }
  const at = /^\d{4}-\d\d-\d\d/.test(given) ? Date.parse(given) : Number.NaN;
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

/** @param name of the option */
export function readTimeOption(name: string, given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const time = readTime(given);
  if (time !== undefined) return time;
  throw new UsageError(
    `--${name} is "${given}"; write 30s, 15m, 2h or 7d, or a time such as 2026-11-24T10:00:00Z.`,
  );
}
