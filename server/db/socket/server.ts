/**
 * Shares a database with other processes of this machine over a Unix socket, in the terms of the `Database` interface.
 *
 * Not the wire protocol of PostgreSQL: the embedded database has one session, and messages of several clients in it
 * would share unnamed statements, transactions and errors. Here a transaction is a lease of the whole database.
 */
import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import type { Database } from '../connection/database.ts';
import type { LeaseBounds } from './lease.ts';
import { serveClient } from './session.ts';

export interface SharedDatabase {
  /** Disconnects all clients, and rolls back what they had begun. The database stays open. */
  close(): Promise<void>;
}

/** Processes of one machine. */
const MAX_CLIENTS = 256;
/** A guest process may be busy for a moment between two statements. While it is, all others wait. */
const LEASE: LeaseBounds = { idleMs: 5000, totalMs: 20_000 };
const IS_WINDOWS = process.platform === 'win32';
const OWNER_ONLY = 0o600;

/**
 * Listens. The caller must be the only one that opens this database: a socket that is there already is of a process
 * that is gone, and is replaced.
 * @param path of the socket, which only this user may open
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
  // Nobody else may connect in the instant before its mode is set. Node binds a path before `listen` returns.
  const mask = IS_WINDOWS ? undefined : process.umask(0o177);
  server.listen(path);
  if (mask !== undefined) process.umask(mask);
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
