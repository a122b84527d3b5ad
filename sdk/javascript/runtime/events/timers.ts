/** Timers. Nothing else runs concurrently, so waiting for the next timer means sleeping until it is due. */
import { host } from '../host.ts';

interface Timer {
  readonly id: number;
  readonly run: () => void;
  readonly everyMs: number | undefined;
  dueMs: number;
}

/** The largest delay that browsers support. */
const MAX_MS = 2 ** 31 - 1;
let lastId = 0;
let timers: Timer[] = [];

function start(
  what: string,
  callback: unknown,
  ms: unknown,
  repeats: boolean,
  args: readonly unknown[],
): number {
  if (typeof callback !== 'function') throw new TypeError(`${what}() takes a function`);
  if (!host().isAnswering()) {
    throw new TypeError(
      `${what}() is not available while the module is initialized. Call it in fetch()`,
    );
  }
  const delay = Number(ms);
  const wait = delay > 0 && delay <= MAX_MS ? Math.trunc(delay) : 0;
  timers.push({
    id: ++lastId,
    run: () => void callback(...args),
    everyMs: repeats ? Math.max(1, wait) : undefined,
    dueMs: host().monotonic() + wait,
  });
  return lastId;
}

export function setTimeout(callback: unknown, ms?: unknown, ...args: unknown[]): number {
  return start('setTimeout', callback, ms, false, args);
}

export function setInterval(callback: unknown, ms?: unknown, ...args: unknown[]): number {
  return start('setInterval', callback, ms, true, args);
}

export function clearTimeout(id?: unknown): void {
  timers = timers.filter((timer) => timer.id !== Number(id));
}

/** Waits for the next timer and runs it. Returns false if there is none. */
export function runNextTimer(): boolean {
  const [first] = timers;
  if (first === undefined) return false;
  const next = timers.reduce((soonest, each) => (each.dueMs < soonest.dueMs ? each : soonest));
  const wait = Math.ceil(next.dueMs - host().monotonic());
  if (wait > 0) host().sleep(wait);
  if (next.everyMs === undefined) clearTimeout(next.id);
  else next.dueMs = Math.max(next.dueMs, host().monotonic()) + next.everyMs;
  next.run();
  return true;
}
