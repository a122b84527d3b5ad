/**
 * `npm start`: builds the documentation if its sources changed, then serves it, the API and the handlers.
 *
 * This process is a supervisor and serves nothing. It starts one web process, and executor processes that run handlers.
 * With PostgreSQL there is one executor process per core, and `--role api` or `--role executor` leaves the other role to
 * other machines.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readConfig, type Config } from '../server/config.ts';
import { Confinement } from '../server/process/confinement/confinement.ts';
import { prepareForGuests } from '../server/process/confinement/guest-rights.ts';
import { MemoryGroups } from '../server/process/confinement/memory-groups.ts';
import { ignoreChannelFaults } from '../server/process/supervisor/channel-faults.ts';
import { PROCESS_KINDS, type ProcessKind } from '../server/process/supervisor/kinds.ts';
import { canSharePort, needFree } from '../server/process/supervisor/listen.ts';
import { Supervisor } from '../server/process/supervisor/supervisor.ts';
import { ConfigError } from '../server/read-settings.ts';
import { buildSite } from './build.ts';
import { findFreePort } from './services/free-port.ts';
import { say } from './paths.ts';

/** A machine with fewer cores has one executor process with the embedded database. */
const MANY_CORES = 4;

const ROLES = ['all', 'api', 'executor'] as const;
type Role = (typeof ROLES)[number];

const { role, processes } = readArguments();
const port = await choosePort(readPort('PORT', 4000));
const runPort = await choosePort(readPort('RUN_PORT', process.env['PORT'] === '0' ? 0 : port + 1));
const config = readSettings();
const hasWeb = role !== 'executor';
const hasRun = role !== 'api';
const ports = { PORT: port, RUN_PORT: runPort };

ignoreChannelFaults(say);
await supervise();
sayOrigins();

async function supervise(): Promise<void> {
  const kinds: ProcessKind[] = [
    ...(hasRun ? ['guest' as const] : []),
    ...(hasWeb ? ['web' as const] : []),
  ];
  for (const kind of kinds) {
    const variable = PROCESS_KINDS[kind].port;
    if (variable !== undefined) await needFree(ports[variable], variable, config.listenHost);
  }
  const confinement = await Confinement.open();
  const memoryGroups = hasRun ? openMemoryGroups() : undefined;
  if (hasRun) {
    for (const sentence of confinement.describeMissing()) say(sentence);
    await prepareForGuests(config);
  }
  const supervisor = new Supervisor({
    context: { config, confinement, memoryGroups },
    env: {
      // Caches compiled code: a replaced process starts in half the time.
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(config.dataDir, 'cache'),
      PORT: String(port),
      RUN_PORT: String(runPort),
    },
    say,
  });
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // Ctrl-C arrives twice: from the terminal and from the parent program.
      if (isStopping) return;
      isStopping = true;
      say('Stopping …');
      void supervisor.stop().then(() => process.exit(0));
    });
  }
  // Handlers already answer while the documentation is built.
  const guests = hasRun ? supervisor.keep('guest', await countGuests()) : undefined;
  if (hasWeb) {
    await buildSite();
    await supervisor.keep('web');
  }
  await guests;
}

function openMemoryGroups(): MemoryGroups | undefined {
  if (process.platform !== 'linux') return undefined;
  const opened = MemoryGroups.open();
  const isFound = opened instanceof MemoryGroups;
  if (config.logLevel === 'info' || config.logLevel === 'debug') {
    say(
      isFound
        ? 'The kernel limits the memory of each process that runs guests (cgroup v2).'
        : `The memory of processes that run guests is limited by RLIMIT_DATA and a watch, not by cgroup v2: ${opened.reason}.`,
    );
  }
  return isFound ? opened : undefined;
}

async function countGuests(): Promise<number> {
  if (processes === 1 || (await canSharePort())) return processes;
  say('This system cannot share a port among processes, so there is one executor process.');
  return 1;
}

function sayOrigins(): void {
  const { webOrigin: web, runOrigin } = config;
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
}${hasRun ? `\n    Functions       ${runOrigin}/run/hello-http/` : ''}
`);
}

function readArguments(): { role: Role; processes: number } {
  try {
    const { values } = parseArgs({
      options: { role: { type: 'string' }, processes: { type: 'string' } },
    });
    const found = ROLES.find((each) => each === (values.role ?? 'all'));
    const count = Number(values.processes ?? defaultProcesses());
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

/**
 * One per core with PostgreSQL. One or two with the embedded database, so that a local server starts quickly and stays
 * small.
 */
function defaultProcesses(): number {
  const cores = availableParallelism();
  const isEmbedded = (process.env['DATABASE_URL'] ?? '') === '';
  return isEmbedded ? (cores >= MANY_CORES ? 2 : 1) : cores;
}

/** Origins are sent to browsers, so ports must be known before they are opened. */
async function choosePort(wanted: number): Promise<number> {
  return wanted === 0 ? findFreePort() : wanted;
}

function readSettings(): Config {
  try {
    const read = readConfig(process.env, { web: port, run: runPort });
    if (role !== 'all' && read.databaseUrl === undefined) {
      fail(
        '--role needs DATABASE_URL: the embedded database works only with all roles on one machine.',
      );
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
