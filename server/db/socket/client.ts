/** A client of the database of another process on this machine, over its socket (`server.ts`), or of another thread. */
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Database, Queryable } from '../connection/database.ts';
import { DatabaseUnavailableError } from '../connection/unavailable.ts';
import { Connection } from './connection.ts';

export interface ConnectionOptions {
  /** Begins a connection, which emits `connect` once it is served. */
  readonly connect: () => Duplex;
  /** Milliseconds that a statement waits for the first connection; default unlimited. */
  readonly openingMs?: number;
  /** Milliseconds that a statement waits for a lost connection to be restored. Default: 10 s. */
  readonly reconnectMs?: number;
  /** Milliseconds without any message from the server after which a connection with pending requests is closed. */
  readonly answerMs?: number;
}

export interface SocketDatabaseOptions extends Omit<ConnectionOptions, 'connect'> {
  readonly path: string;
}

type Send = Connection['request'];

/** Opens the database behind a socket path. See {@link openRemoteDatabase}. */
export function openSocketDatabase({ path, ...options }: SocketDatabaseOptions): Database {
  return openRemoteDatabase({ ...options, connect: () => connect(path) });
}

/**
 * Before the first connection statements wait for `openingMs`: the other side may still be opening the database. Later
 * they reject with a {@link DatabaseUnavailableError} if there is no connection in time.
 */
export function openRemoteDatabase(options: ConnectionOptions): Database {
  const connection = new Connection(options);
  const send: Send = (...given) => connection.request(...given);
  return {
    kind: 'pglite',
    ...queries(send, undefined),
    async transaction(work) {
      // All statements of a transaction use one connection.
      const { id, request } = await connection.begin();
      let result;
      try {
        result = await work(queries(request, id));
      } catch (error) {
        await request({ kind: 'rollback', tx: id }).catch(() => undefined);
        throw error;
      }
      await request({ kind: 'commit', tx: id });
      return result;
    },
    async listen(channel, onNotice) {
      await connection.listen(channel, onNotice);
      return () => connection.unlisten(channel, onNotice);
    },
    async close() {
      connection.close(new DatabaseUnavailableError('restarting'));
    },
  };
}

function queries(send: Send, tx: number | undefined): Queryable {
  return {
    async query<Row>(text: string, values: readonly unknown[] = []) {
      return (await send({ kind: 'query', text, values, tx })) as Row[];
    },
    execute: (text) => send({ kind: 'execute', text, tx }),
  };
}
