/**
 * What system calls are charged for and how much one call moves. The table is the only place that names the prices:
 * the page on gas is made from it. One unit of gas is about 2 ns of the host; the prices were measured against that.
 *
 * A charge is taken before the work is done (see {@link Process.charge}), and depends only on what the guest asks for,
 * never on time, on caches, or on when turns come.
 */

export interface CallRate {
  /** What is counted. */
  readonly what: string;
  /** Units of gas for every {@link CallRate.each} of them, rounded up. */
  readonly gas: number;
  readonly each: number;
  /** The price in words. */
  readonly text: string;
}

export const CALL_RATES = {
  call: {
    what: 'Every call',
    gas: 100,
    each: 1,
    text: '100, and the instruction that calls',
  },
  moved: {
    what: 'Bytes read, written or copied',
    gas: 1,
    each: 8,
    text: '1 for every 8 bytes',
  },
  text: {
    what: 'Text: a URL, the name or value of a variable, an argument, a log line',
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
    what: 'A vector of `fd_write` or `fd_read`, a subscription of `poll_oneoff`, a variable of `environ_get`, an argument of `args_get`, a line of the log, a line of an HTTP request',
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
    what: 'Asking the policy about a URL',
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

/** Gas for so many of what the rate counts. */
export function gasFor(rate: keyof typeof CALL_RATES, count: number): number {
  const { gas, each } = CALL_RATES[rate];
  return Math.ceil((count * gas) / each);
}

/** Bounds of a single system call. */
export const CALL_BOUNDS = {
  /**
   * Bytes that one read or write moves at most: beyond it the call returns a short count. Calls without a count do their
   * work in pieces of this size; where guests cannot be suspended between two pieces, a longer one is refused.
   */
  movedBytes: 256 * 1024,
  /** Bytes of a URL. */
  urlBytes: 8192,
  /** Bytes of the name of a variable. */
  nameBytes: 8192,
  /** Bytes of one line given to `log_write`. */
  logTextBytes: 256 * 1024,
  /** Lines that one write to `log://` adds at most: beyond it the call returns a short count. */
  logLines: 1000,
  /** Vectors of one `fd_read` or `fd_write`. */
  vectors: 1024,
  /** Subscriptions of one `poll_oneoff`. */
  subscriptions: 1024,
} as const;
