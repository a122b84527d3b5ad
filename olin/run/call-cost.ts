/**
 * Gas rates of system calls, and limits of a single call. The gas page is generated from this table, the only list of
 * the rates. One unit of gas should take at most about 2 ns of host time; the rates were measured against that.
 *
 * Work is charged before it is done (see {@link Process.charge}). A charge depends only on what the guest requests, never
 * on time, caches, or when the guest yields the thread.
 */

export interface CallRate {
  /** What is charged. */
  readonly what: string;
  /** Gas per {@link CallRate.each} units, rounded up. */
  readonly gas: number;
  /** Number of units that cost {@link CallRate.gas}. */
  readonly each: number;
  /** The rate in words, for the docs. */
  readonly text: string;
}

export const CALL_RATES = {
  call: {
    what: 'Every call',
    gas: 100,
    each: 1,
    text: '100, plus the instruction that calls',
  },
  moved: {
    what: 'Bytes read, written or copied',
    gas: 1,
    each: 8,
    text: '1 for every 8 bytes',
  },
  text: {
    what: 'Text: a URL, a path, the name or value of a variable, an argument, a log line',
    gas: 1,
    each: 1,
    text: '1 for each byte or character',
  },
  random: {
    what: 'Random bytes',
    gas: 1,
    each: 1,
    text: '1 for each byte',
  },
  item: {
    what: 'A vector of `fd_write` or `fd_read`, a subscription of `poll_oneoff`, a variable of `environ_get`, an argument of `args_get`, a line of the log, a line of an HTTP request, a component of a path, an entry of a directory',
    gas: 100,
    each: 1,
    text: '100 each',
  },
  open: {
    what: 'Opening a URL',
    gas: 1000,
    each: 1,
    text: '1,000',
  },
  policy: {
    what: 'Checking a URL against the policy',
    gas: 4,
    each: 1,
    text: '4 for each character of the URL times each RE2 instruction of the policy',
  },
  request: {
    what: 'Sending an HTTP request',
    gas: 50_000,
    each: 1,
    text: '50,000',
  },
} as const satisfies Record<string, CallRate>;

/** Returns the gas for `count` units of a rate. */
export function gasFor(rate: keyof typeof CALL_RATES, count: number): number {
  const { gas, each } = CALL_RATES[rate];
  return Math.ceil((count * gas) / each);
}

/** Limits of a single system call. */
export const CALL_BOUNDS = {
  /**
   * Maximum bytes moved by one read or write; a longer one returns a short count. Calls that return no count work in
   * pieces of this size; if guests cannot be suspended between pieces, a longer call fails.
   */
  movedBytes: 256 * 1024,
  /** Bytes of a URL. */
  urlBytes: 8192,
  /** Bytes of a variable's name. */
  nameBytes: 8192,
  /** Bytes of one line passed to `log_write`. */
  logTextBytes: 256 * 1024,
  /** Maximum lines added by one write to `log://`; a longer one returns a short count. */
  logLines: 1000,
  /** Vectors of one `fd_read` or `fd_write`. */
  vectors: 1024,
  /** Subscriptions of one `poll_oneoff`. */
  subscriptions: 1024,
} as const;
