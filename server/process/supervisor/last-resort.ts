/**
 * What a process does with an error that nothing caught: an exception in a callback, or a rejected promise that nobody
 * awaits. Node would end it on the spot, with every request that is under way.
 */
import type { Logger } from 'pino';

export interface LastResortOptions {
  readonly log: Logger;
  /** Answers what is under way, and stops; the process then ends with status 70, and its supervisor replaces it. */
  readonly close: () => Promise<void>;
  /** Milliseconds that `close` may take; default 10 s. */
  readonly patienceMs?: number;
}

/** EX_SOFTWARE of sysexits.h. */
export const FAULT_STATUS = 70;
/** The state of the process may be damaged: long runs are not waited for to their end. */
const PATIENCE_MS = 10_000;

export function installLastResort(options: LastResortOptions): void {
  const { log, close, patienceMs = PATIENCE_MS } = options;
  let isEnding = false;
  const end = (): void => process.exit(FAULT_STATUS);
  // A rejection that nobody handles comes here too: that is Node's default.
  process.on('uncaughtException', (error, origin) => {
    log.fatal(
      { err: error, origin },
      'an error was caught by nothing; the process drains and ends',
    );
    if (isEnding) return;
    isEnding = true;
    setTimeout(end, patienceMs).unref();
    void close().then(end, end);
  });
}
