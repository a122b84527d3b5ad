/** Shared by all programs of the supervisor: opens the service, and closes it on request or if the supervisor exits. */
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { readConfig, type Config } from '../config.ts';
import { installLastResort } from '../process/supervisor/last-resort.ts';
import { askForReplacement, reportListening } from '../process/supervisor/supervised.ts';

/** The service of a process. It already listens on its port. */
export interface Service {
  /** Whether its replacement may listen at the same port while it still does; default false. */
  readonly sharesPort?: boolean;
  /** Opens what requests wait for, such as the database. */
  open(): Promise<void>;
  /** Completes requests in progress and stops. */
  close(): Promise<void>;
}

/** Built by `scripts/build.ts`. */
export const siteDir = fileURLToPath(new URL('../../dist', import.meta.url));

export interface ProcessSettings {
  readonly config: Config;
  readonly webPort: number;
  readonly runPort: number;
}

/** Reads the settings, which the supervisor has validated, with the ports that it has chosen. */
export function readProcessSettings(): ProcessSettings {
  const webPort = Number(process.env['PORT']);
  const runPort = Number(process.env['RUN_PORT']);
  return { config: readConfig(process.env, { web: webPort, run: runPort }), webPort, runPort };
}

/**
 * Reports that the service listens, opens it, and closes it on SIGTERM or if the supervisor exits. SIGINT is ignored:
 * Ctrl-C reaches all processes at once, and the supervisor stops them in order.
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
  void service.open();
}
