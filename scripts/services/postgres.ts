/** A real PostgreSQL for tests: a cluster of its own in a temporary folder, on a free port of this machine. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { access, chmod, chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from './free-port.ts';

export interface RunningPostgres {
  /** Connection URL of the superuser. */
  readonly url: string;
  /** Stops the server and keeps its data, so that it can be started again. */
  halt(): Promise<void>;
  start(): Promise<void>;
  /** Stops the server and deletes its data. */
  stop(): Promise<void>;
}

const runFile = promisify(execFile);
const DEBIAN = '/usr/lib/postgresql';
const START_MS = 60_000;

/**
 * Starts PostgreSQL, or returns why it cannot. As root on Debian it installs missing packages, since PostgreSQL is not
 * an npm package.
 */
export async function startPostgres(): Promise<RunningPostgres | { readonly reason: string }> {
  const programs = (await findPrograms()) ?? (await install());
  if (programs === undefined) {
    return {
      reason:
        'PostgreSQL 15 or later is not installed; run npm test as root on Debian, or install it.',
    };
  }
  const owner = await findOwner();
  if (owner === undefined) {
    return { reason: 'PostgreSQL cannot run as root, and there is no user postgres.' };
  }
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-postgres-'));
  await chmod(folder, 0o755);
  if (owner.uid !== process.getuid?.()) await chown(folder, owner.uid, owner.gid);
  const data = join(folder, 'data');
  const as = {
    uid: owner.uid,
    gid: owner.gid,
    cwd: folder,
    env: { LC_ALL: 'C', PATH: process.env['PATH'] },
  };
  await runFile(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-N', '-E', 'UTF8', '--locale=C'],
    as,
  );
  const port = await findFreePort();
  const flags = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, '-F'];
  let server: ChildProcess;
  const start = async (): Promise<void> => {
    const options = [...flags, '-c', 'max_connections=200'];
    server = spawn(join(programs, 'postgres'), options, { ...as, stdio: 'ignore' });
    await waitUntilReady(join(programs, 'pg_isready'), port, server);
  };
  const halt = (): Promise<void> => end(server);
  const stop = async (): Promise<void> => {
    await halt();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, halt, start, stop };
}

async function findPrograms(): Promise<string | undefined> {
  const versions = await readdir(DEBIAN).catch(() => []);
  const newest = versions
    .map(Number)
    .filter((each) => each >= 15)
    .sort((a, b) => b - a)[0];
  if (newest !== undefined) {
    const folder = join(DEBIAN, String(newest), 'bin');
    if (await exists(join(folder, 'initdb'))) return folder;
  }
  for (const folder of (process.env['PATH'] ?? '').split(':')) {
    if (folder !== '' && (await exists(join(folder, 'initdb')))) {
      const { stdout } = await runFile(join(folder, 'initdb'), ['--version']);
      if (Number(/(\d+)/.exec(stdout)?.[1]) >= 15) return folder;
    }
  }
  return undefined;
}

async function install(): Promise<string | undefined> {
  if (process.getuid?.() !== 0 || !(await exists('/usr/bin/apt-get'))) return undefined;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await runFile('apt-get', ['update', '-qq'], { env, timeout: 120_000 });
    await runFile('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'postgresql'], {
      env,
      timeout: 300_000,
    });
  } catch {
    return undefined;
  }
  return findPrograms();
}

/** The user that runs the server: this one, or postgres if this is root. */
async function findOwner(): Promise<{ uid: number; gid: number } | undefined> {
  const uid = process.getuid?.() ?? -1;
  const gid = process.getgid?.() ?? -1;
  if (uid !== 0) return { uid, gid };
  const ids = await Promise.all(
    ['-u', '-g'].map((flag) =>
      runFile('id', [flag, 'postgres']).then(
        ({ stdout }) => Number(stdout),
        () => undefined,
      ),
    ),
  );
  const [owner, group] = ids;
  return owner === undefined || group === undefined ? undefined : { uid: owner, gid: group };
}

async function waitUntilReady(program: string, port: number, server: ChildProcess): Promise<void> {
  const until = Date.now() + START_MS;
  while (Date.now() < until && server.exitCode === null) {
    const ready = await runFile(program, ['-h', '127.0.0.1', '-p', String(port)]).then(
      () => true,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('PostgreSQL did not start');
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  // SIGINT requests a fast shutdown, which disconnects clients.
  server.kill('SIGINT');
  await ended;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
