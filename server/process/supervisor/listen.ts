/**
 * Opening a port, and closing it without losing callers that wait at it.
 *
 * Executor processes each listen at the same port if the system can do that (SO_REUSEPORT: Linux and the BSDs). The
 * connections of a process that is killed then end with it, and the other processes go on. On other systems there is
 * one executor process: to hand connections over would leave open those that a killed process was just given.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { LONGEST_RUN_MS } from '../../tiers.ts';

/** Connections that wait to be taken in; the system may allow fewer. */
const BACKLOG = 4096;
/** Between looks for connections that have nothing more to answer. */
const LOOK_MS = 50;
/** No run takes longer, so that only its caller is waited for. */
const PATIENCE_MS = LONGEST_RUN_MS + 5000;
/** A port that is to close takes connections in for so long at the most. */
const TAKE_IN_MS = 1000;

export interface ListenOptions {
  readonly port: number;
  /** The setting of the port, for the sentence if it is taken. */
  readonly variable: string;
  /** Default: this machine alone. */
  readonly host?: string;
  /** Whether other processes listen at the port too; default false. */
  readonly sharesPort?: boolean;
}

/** Listens, or ends the program with a sentence if the port is taken. Returns the port. */
export async function listen(app: FastifyInstance, options: ListenOptions): Promise<number> {
  const { port, variable, host = '127.0.0.1', sharesPort = false } = options;
  // Fastify hands them to Node; its types do not know `reusePort`.
  const given = { port, host, backlog: BACKLOG, reusePort: sharesPort };
  try {
    await app.listen(given);
  } catch (error) {
    endIfTaken(error, port, variable);
    throw error;
  }
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/**
 * Ends the program with a sentence if a port is taken. To be called before processes share the port: they would share
 * it with those of another supervisor too.
 */
export async function needFree(port: number, variable: string, host: string): Promise<void> {
  const probe = createServer((socket) => socket.destroy());
  try {
    await open(probe, { port, host });
  } catch (error) {
    endIfTaken(error, port, variable);
    throw error;
  }
  probe.close();
  await once(probe, 'close');
}

function endIfTaken(error: unknown, port: number, variable: string): void {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return;
  const why = code === 'EACCES' ? 'may not be opened by this user' : 'is in use';
  process.stderr.write(
    `Port ${port} ${why}. Stop what uses it, or choose another: ${variable}=${port + 10} npm start\n`,
  );
  process.exit(1);
}

/** Whether several processes may listen at one port. */
export async function canSharePort(): Promise<boolean> {
  const probe = createServer();
  try {
    await open(probe, { port: 0, host: '127.0.0.1', reusePort: true });
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}

async function open(
  server: Server,
  at: { readonly port: number; readonly host: string; readonly reusePort?: boolean },
): Promise<void> {
  server.listen(at);
  await once(server, 'listening');
}

/**
 * Answers requests that are under way or wait at the port, and stops. A response that began before the stop does not
 * announce the end of its connection, so idle connections are closed here.
 * @param patienceMs after which callers that do not read their responses are disconnected
 */
export async function closeApp(app: FastifyInstance, patienceMs = PATIENCE_MS): Promise<void> {
  await stopListening(app.server);
  const looking = setInterval(() => app.server.closeIdleConnections(), LOOK_MS);
  const leaving = setTimeout(() => app.server.closeAllConnections(), patienceMs);
  try {
    await app.close();
  } finally {
    clearInterval(looking);
    clearTimeout(leaving);
  }
}

/**
 * Closes a port once no connection waits to be accepted: the system resets those that it finds there. A connection that
 * arrives between the last look and the closing is still reset.
 */
export async function stopListening(server: Server): Promise<void> {
  const until = performance.now() + TAKE_IN_MS;
  let came = 0;
  const count = (): void => void (came += 1);
  server.on('connection', count);
  let before: number;
  do {
    before = came;
    // The event loop takes in one a turn, between two of these.
    await turn();
    await turn();
  } while (came > before && performance.now() < until);
  // At once: `app.close()` closes it only after its hooks.
  server.close();
  server.off('connection', count);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
