/**
 * Handles uncaught errors: an exception in a callback, or an unhandled rejection. By default Node would end the process
 * at once, with all active requests.
 */
import type { Logger } from 'pino';
import { isChannelFault } from './channel-faults.ts';

export interface LastResortOptions {
  readonly log: Logger;
  /**
   * Starts the replacement of this process, which accepts connections meanwhile. Default: the replacement is started at
   * the end.
   */
  readonly replace?: () => Promise<unknown>;
  /** Completes active requests, and stops; the process then exits with status 70, and its supervisor replaces it. */
  readonly close: () => Promise<void>;
  /** Limit in milliseconds for `replace`, and again for `close`; default 10 s. */
  readonly patienceMs?: number;
}

/** EX_SOFTWARE of sysexits.h. */
export const FAULT_STATUS = 70;
/** The state of the process may be damaged, so it does not wait for the end of long runs. */
const PATIENCE_MS = 10_000;

export function installLastResort(options: LastResortOptions): void {
  const { log, replace, close, patienceMs = PATIENCE_MS } = options;
  let isEnding = false;
  const end = (): void => process.exit(FAULT_STATUS);
  const drain = (): void => {
    setTimeout(end, patienceMs).unref();
    void close().then(end, end);
  };
  // Unhandled rejections arrive here too, by Node's default.
  process.on('uncaughtException', (error, origin) => {
    if (isChannelFault(error)) {
      log.error({ err: error }, 'a process sends what cannot be read');
      return;
    }
    log.fatal({ err: error, origin }, 'uncaught error; the process drains and exits');
    if (isEnding) return;
    isEnding = true;
    if (replace === undefined) return drain();
    const late = new Promise((resolve) => setTimeout(resolve, patienceMs));
    void Promise.race([replace(), late]).then(drain, drain);
  });
}
