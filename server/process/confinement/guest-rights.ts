/** Restricts an executor process to the files, network and environment variables that it needs. */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { dataPaths, type Config } from '../../config.ts';
import { openSealer } from '../../sealer.ts';
import type { Setting } from '../../setting-kinds.ts';
import { SETTINGS } from '../../settings.ts';
import type { LaunchCommand, LaunchContext } from '../supervisor/kinds.ts';

const SETTINGS_BY_NAME: ReadonlyMap<string, Setting<unknown>> = new Map(Object.entries(SETTINGS));
/** Other variables that are passed on: those of the supervisor, libpq, Node and OpenSSL. */
const PASSED_VARIABLES =
  /^(TRISIEL_(PROCESS|ACTIVE_RUNS|PROBATION_OWNER|PROBATION_SOCKET)|PORT|RUN_PORT|TZ|NODE_COMPILE_CACHE|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|PG[A-Z]+)$/;
/** Ports below this one need root or the capability CAP_NET_BIND_SERVICE. */
const FIRST_FREE_PORT = 1024;

export function confineGuest(
  { nodeArgs, env }: LaunchCommand,
  { config, confinement }: LaunchContext,
): LaunchCommand {
  const { modules, key, runs } = dataPaths(config);
  const cache = env['NODE_COMPILE_CACHE'];
  return confinement.confine({
    memoryBytes: config.guestProcessBytes,
    readable: [modules, key].map((path) => resolve(path)),
    writable: [resolve(runs)],
    codeCache: cache === undefined ? undefined : resolve(cache),
    hasNetwork: true,
    hasLowPort: Number(env['RUN_PORT']) < FIRST_FREE_PORT,
    env: guestEnvironment(env),
    nodeFlags: nodeArgs,
  });
}

/**
 * Creates the files and folders that executor processes use but cannot create: the folder of journals, the store and the
 * key. Call it before the first executor process starts.
 */
export async function prepareForGuests(config: Config): Promise<void> {
  await openSealer(config);
  const { modules, runs } = dataPaths(config);
  for (const folder of [modules, runs]) await mkdir(folder, { recursive: true });
}

/**
 * Returns the environment of an executor process. Other variables are omitted, because they may be secrets of other
 * programs.
 */
export function guestEnvironment(env: LaunchCommand['env']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]): [string, string][] => {
      const setting = SETTINGS_BY_NAME.get(name);
      if (value === undefined || (setting === undefined && !PASSED_VARIABLES.test(name))) return [];
      // Executor processes read the whole configuration, so the setting needs a value.
      return [[name, setting?.isWebOnly === true && value !== '' ? 'withheld' : value]];
    }),
  );
}
