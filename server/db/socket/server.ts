/**
 * Shares a database with other processes on this machine over a Unix socket, with the operations of the `Database`
 * interface.
 *
 * It does not use PostgreSQL's wire protocol, because the embedded database has one session: clients would share unnamed
 * statements, transactions and errors. Here, a transaction is a lease of the whole database.
 */
import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import type { Database } from '../connection/database.ts';
import type { LeaseBounds } from './lease.ts';
import { serveClient } from './session.ts';

export interface SharedDatabase {
  /** Disconnects all clients and rolls back their transactions. The database stays open. */
  close(): Promise<void>;
}

/** Maximum number of clients. */
const MAX_CLIENTS = 256;
/** Limits of transactions. An executor process may be busy between two statements, while all others wait. */
const LEASE: LeaseBounds = { idleMs: 5000, totalMs: 20_000 };
const IS_WINDOWS = process.platform === 'win32';
const OWNER_ONLY = 0o600;

/**
 * Starts listening. The caller must be the only process that has this database open: an existing socket is treated as a
 * leftover of a dead process and replaced.
 * @param path the path of the socket, which only this user can open. Until its mode is set, the umask of the process
 * protects it: connecting requires the right to write.
 */
export async function shareDatabase(
  db: Database,
  path: string,
  bounds: LeaseBounds = LEASE,
): Promise<SharedDatabase> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serveClient({ socket, db, ...bounds });
  });
  server.maxConnections = MAX_CLIENTS;
  if (!IS_WINDOWS) await rm(path, { force: true });
  server.listen(path);
  await once(server, 'listening');
  if (!IS_WINDOWS) await chmod(path, OWNER_ONLY);
  return {
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
