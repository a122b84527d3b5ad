/**
 * Common to all programs of the supervisor: open the service, and close it on request or when the supervisor is gone.
 */
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { readConfig, type Config } from '../config.ts';
import { installLastResort } from '../process/supervisor/last-resort.ts';
import { askForReplacement, reportListening } from '../process/supervisor/supervised.ts';

/** Served by one process. Its port is open already. */
export interface Service {
  /** Whether its replacement may listen at the same port while it still does; default false. */
  readonly sharesPort?: boolean;
  /** Opens what requests wait for, such as the database. */
  open(): Promise<void>;
  /** Answers what is under way, and stops. */
  close(): Promise<void>;
}

/** Built by `scripts/build.ts`. */
export const siteDir = fileURLToPath(new URL('../../dist', import.meta.url));

export interface ProcessSettings {
  readonly config: Config;
  readonly webPort: number;
  readonly runPort: number;
}

/** Settings that the supervisor has checked; it has chosen the ports. */
export function readProcessSettings(): ProcessSettings {
  const webPort = Number(process.env['PORT']);
  const runPort = Number(process.env['RUN_PORT']);
  return { config: readConfig(process.env, { web: webPort, run: runPort }), webPort, runPort };
}

/**
 * Reports that the service listens, opens it, and closes it at SIGTERM or when the supervisor is gone. SIGINT is left to
 * the supervisor: Ctrl-C reaches all processes at once, and they are stopped in order.
 */
export function runService(config: Config, service: Service): void {
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    void service.close().then(() => process.exit(0));
  };
  installLastResort({
    log: pino({ level: config.logLevel }),
    close: () => service.close(),
    ...(service.sharesPort === true ? { replace: askForReplacement } : {}),
  });
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', stop);
  process.on('disconnect', stop);
  reportListening();
  // After the report is sent: opening the embedded database blocks the process for seconds.
  setImmediate(() => void service.open());
}
