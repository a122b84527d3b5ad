/**
 * Opens a port, and closes it without losing connections that wait to be accepted.
 *
 * All executor processes listen at the same port if the system supports it (SO_REUSEPORT: Linux and the BSDs). The
 * connections of a killed process then end with it, and the other processes continue. On other systems there is one
 * executor process: if a parent handed over connections, those just passed to a killed process would stay open.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { LONGEST_RUN_MS } from '../../tiers.ts';

/** Maximum connections that wait to be accepted; the system may allow fewer. */
const BACKLOG = 4096;
/** Poll interval for connections without pending responses. */
const LOOK_MS = 50;
/** No run takes longer, so after it only callers are waited for. */
const PATIENCE_MS = LONGEST_RUN_MS + 5000;
/** Maximum time for which a closing port accepts connections. */
const TAKE_IN_MS = 1000;

export interface ListenOptions {
  readonly port: number;
  /** The setting of the port, for the message if it is taken. */
  readonly variable: string;
  /** Default: loopback. */
  readonly host?: string;
  /** Whether other processes listen at the port too; default false. */
  readonly sharesPort?: boolean;
}

/** Listens, or exits the program with a message if the port is taken. Returns the port. */
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
 * Exits the program with a message if a port is taken. Call it before processes share the port, because they would
 * share it with those of another supervisor too.
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
 * Completes requests that are active or wait at the port, and stops. A response that began before the stop does not
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
 * Closes a port once no connection waits to be accepted, because the system would reset waiting ones. A connection that
 * arrives between the last check and the closing is still reset.
 */
export async function stopListening(server: Server): Promise<void> {
  const until = performance.now() + TAKE_IN_MS;
  let came = 0;
  const count = (): void => void (came += 1);
  server.on('connection', count);
  let before: number;
  do {
    before = came;
    // The event loop accepts one connection per turn, between two of these.
    await turn();
    await turn();
  } while (came > before && performance.now() < until);
  // Immediately, because `app.close()` closes it only after its hooks.
  server.close();
  server.off('connection', count);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
