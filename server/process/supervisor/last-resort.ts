/**
 * Handles an error that nothing caught: an exception in a callback, or a rejected promise that nobody awaits. Node would
 * end the process at once, and every request under way with it.
 */
import type { Logger } from 'pino';

export interface LastResortOptions {
  readonly log: Logger;
  /** Starts another process in place of this one, which accepts connections meanwhile. Default: it is started at the end. */
  readonly replace?: () => Promise<unknown>;
  /** Answers what is under way, and stops; the process then ends with status 70, and its supervisor replaces it. */
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
  // Rejections that nobody handles arrive here too: that is Node's default.
  process.on('uncaughtException', (error, origin) => {
    log.fatal(
      { err: error, origin },
      'an error was caught by nothing; the process drains and ends',
    );
    if (isEnding) return;
    isEnding = true;
    if (replace === undefined) return drain();
    const late = new Promise((resolve) => setTimeout(resolve, patienceMs));
    void Promise.race([replace(), late]).then(drain, drain);
  });
}
