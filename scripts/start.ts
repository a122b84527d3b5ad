/**
 * `npm start`: builds the documentation where it changed, then serves it, the API and the handlers.
 *
 * With the embedded database all of it is one process. With PostgreSQL there is a supervisor, and behind it one process
 * for the web origin and one a core for handlers; `--role api` or `--role executor` leaves the other kind to other
 * machines.
 */
import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError, readConfig, type Config } from '../server/config.ts';
import { supervise, type SupervisedProcess } from '../server/executor/supervisor.ts';
import { serve, type Serving } from '../server/serve.ts';
import { buildSite } from './build.ts';
import { findFreePort } from './free-port.ts';
import { say, siteDir } from './paths.ts';

const ROLES = ['all', 'api', 'executor'] as const;
type Role = (typeof ROLES)[number];

const { role, processes } = readArguments();
const port = await choosePort(readPort('PORT', 4000));
const runPort = await choosePort(readPort('RUN_PORT', process.env['PORT'] === '0' ? 0 : port + 1));
const config = readSettings();
const hasWeb = role !== 'executor';
const hasRun = role !== 'api';

if (cluster.isPrimary && hasWeb) await buildSite();
if (config.databaseUrl !== undefined && cluster.isPrimary) {
  const ports = { PORT: port, RUN_PORT: runPort };
  const cacheFolder = join(config.dataDir, 'cache');
  await supervise({
    processes: listProcesses(),
    ports,
    host: config.listenHost,
    cacheFolder,
    say,
  });
} else {
  await serveHere();
}
if (cluster.isPrimary) sayWhere();

/** In this process: what its supervisor says, or all. */
async function serveHere(): Promise<void> {
  const kind = process.env['TRISIEL_PROCESS'];
  const isAlone = cluster.isPrimary;
  const serving: Serving = await serve({
    config,
    siteDir,
    ...(isAlone || kind === 'api' ? { webPort: port } : {}),
    ...(isAlone || kind === 'executor' ? { runPort } : {}),
  });
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // Ctrl-C reaches the supervisor and its processes, and the supervisor tells them once more.
      if (isStopping) return;
      isStopping = true;
      if (isAlone) say('Stopping …');
      void serving.close().then(() => process.exit(0));
    });
  }
  // After the addresses are told: the embedded database takes the process for seconds to open.
  setImmediate(() => void serving.open());
}

function listProcesses(): SupervisedProcess[] {
  return [
    ...(hasWeb ? [{ kind: 'api' as const, count: 1 }] : []),
    ...(hasRun ? [{ kind: 'executor' as const, count: processes }] : []),
  ];
}

function sayWhere(): void {
  const web = `http://localhost:${port}`;
  say(`
  Trisiel is running. Ctrl-C stops it.
${
  hasWeb
    ? `
    Documentation   ${web}/
    Playground      ${web}/playground/
    Panel           ${web}/panel/
    API             ${web}/api/openapi.json
    Sign in         ${web}/login`
    : ''
}${hasRun ? `\n    Functions       http://localhost:${runPort}/run/hello-http/` : ''}
`);
}

function readArguments(): { role: Role; processes: number } {
  try {
    const { values } = parseArgs({
      options: { role: { type: 'string' }, processes: { type: 'string' } },
    });
    const found = ROLES.find((each) => each === (values.role ?? 'all'));
    const count = Number(values.processes ?? availableParallelism());
    if (found === undefined)
      fail(`--role is "${values.role}"; it must be one of ${ROLES.join(', ')}.`);
    if (!Number.isInteger(count) || count < 1 || count > 256) {
      fail(`--processes is "${values.processes}"; it must be a whole number from 1 to 256.`);
    }
    return { role: found, processes: count };
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
}

/** Origins are told to browsers, so a port has to be known before it is opened. */
async function choosePort(wanted: number): Promise<number> {
  return wanted === 0 ? findFreePort() : wanted;
}

function readSettings(): Config {
  try {
    const read = readConfig(process.env, { web: port, run: runPort });
    if (role !== 'all' && read.databaseUrl === undefined) {
      fail('--role needs DATABASE_URL: the embedded database serves one process, with all roles.');
    }
    return read;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    fail(error.message);
  }
}

function readPort(variable: string, otherwise: number): number {
  const text = process.env[variable];
  if (text === undefined || text === '') return otherwise;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
  fail(`${variable} is "${text}"; it must be a port, a whole number from 1 to 65535.`);
}

function fail(text: string): never {
  say(text);
  process.exit(1);
}
