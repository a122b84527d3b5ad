/**
 * Opening a port, and closing it without losing who waits at it.
 *
 * The processes of a supervisor each listen at the same port by themselves, where the system can do that (SO_REUSEPORT:
 * Linux and the BSDs). The connections of a process that is killed then end with it, whatever it had done with them. On
 * other systems the supervisor takes the connections and hands them on; one that it is handing to a process that is
 * killed just then stays open, and nobody answers it.
 */
import cluster from 'node:cluster';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { tellListening } from './executor/supervised.ts';
import { LONGEST_RUN_MS } from './tiers.ts';

/** Connections that wait to be taken in; the system may allow fewer. */
const BACKLOG = 4096;
/** Between looks for connections that have nothing more to answer. */
const LOOK_MS = 50;
/** No run takes longer, so that only its caller is waited for. */
const PATIENCE_MS = LONGEST_RUN_MS + 5000;
/** A port that is to close takes connections in for so long at the most. */
const TAKE_IN_MS = 1000;

/** Listens, on this machine alone unless told otherwise, or ends the program with a sentence where the port is taken. Returns the port. */
export async function listen(
  app: FastifyInstance,
  port: number,
  variable: string,
  host = '127.0.0.1',
): Promise<number> {
  const reusePort = cluster.isWorker && (await canShare());
  const options = { port, host, backlog: BACKLOG, reusePort };
  try {
    await app.listen(options);
  } catch (error) {
    endIfTaken(error, port, variable);
    throw error;
  }
  tellListening();
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/**
 * Ends the program with a sentence where a port is taken. To be called before processes share the port by themselves:
 * they would share it with those of another supervisor too.
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

/** Whether several processes may listen at one port, each by itself. */
async function canShare(): Promise<boolean> {
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

/** By this process itself, under a supervisor too. */
async function open(
  server: Server,
  at: { readonly port: number; readonly host: string; readonly reusePort?: boolean },
): Promise<void> {
  server.listen({ ...at, exclusive: true });
  await once(server, 'listening');
}

/**
 * Answers what is under way or waits at the port, and stops. A connection whose answer began before the stop is not told
 * to close, and would be waited for as long as connections are kept; so those that have become idle are closed here.
 * @param patienceMs after which a caller who does not take its answer is left
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
 * Closes a port once nobody waits at it: the system breaks off those that it finds there. One that comes within the
 * instant between the last look and the closing is still lost; its caller is told by a reset.
 */
async function stopListening(server: Server): Promise<void> {
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
  // At once, and not when all that is to be told of it has been told.
  server.close();
  server.off('connection', count);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
