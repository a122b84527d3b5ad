/** One client of the socket: its queue of statements, its transaction, and its channels. */
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { Database, Queryable } from '../connection/database.ts';
import {
  encodeError,
  LIMIT_EXCEEDED,
  NO_ACTIVE_TRANSACTION,
  RemoteDatabaseError,
  TOO_MANY_STATEMENTS,
} from './errors.ts';
import { encodeFrame, FrameReader, FrameTooLarge } from './frames.ts';
import { Lease, ROLLED_BACK, type LeaseBounds } from './lease.ts';
import { readRequest, type SocketRequest, type SocketResponse } from './messages.ts';

/** Maximum waiting requests and bytes. More are refused, so that a client that reads no responses cannot exhaust memory. */
const MAX_WAITING = 2000;
const MAX_WAITING_BYTES = 128 * 1024 * 1024;
const MAX_CHANNELS = 64;
/** Maximum unread bytes of notices and responses. A client that exceeds it is disconnected. */
const MAX_UNREAD_BYTES = 128 * 1024 * 1024;

export interface SessionOptions extends LeaseBounds {
  readonly socket: Duplex;
  readonly db: Database;
}

type Statement = Extract<SocketRequest, { kind: 'query' | 'execute' }>;

class Session {
  readonly #options: SessionOptions;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #waitingBytes = 0;
  #lease: { readonly id: number; readonly lease: Lease } | undefined;
  /** The request that ends the transaction. It gets its response when that is done. */
  #endRequest: number | undefined;
  /** The last transaction that ended without such a request, and the error for later requests of it. */
  #expired: { readonly id: number; readonly reason: unknown } | undefined;
  readonly #channels = new Map<string, Promise<() => Promise<void>>>();

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  start(): void {
    const { socket } = this.#options;
    const reader = new FrameReader((message, bytes) => this.#take(readRequest(message), bytes));
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch {
        // Not one of our clients, or a faulty one.
        socket.destroy();
      }
    });
    socket.on('error', () => undefined);
    socket.once('close', () => this.#onClose());
  }

  #take(request: SocketRequest, bytes: number): void {
    if (request.kind === 'commit' || request.kind === 'rollback')
      return this.#endTransaction(request);
    if (this.#waiting >= MAX_WAITING || this.#waitingBytes + bytes > MAX_WAITING_BYTES) {
      const error = new RemoteDatabaseError('too many statements wait', TOO_MANY_STATEMENTS);
      return this.#send({ id: request.id, error: encodeError(error) });
    }
    this.#waiting += 1;
    this.#waitingBytes += bytes;
    void this.#answer(request).finally(() => {
      this.#waiting -= 1;
      this.#waitingBytes -= bytes;
    });
  }

  async #answer(request: SocketRequest): Promise<void> {
    const { id } = request;
    try {
      if (request.kind === 'begin') return await this.#inTurn(() => this.#transact(id));
      const rows = await this.#rowsOf(request);
      this.#send({ id, rows });
    } catch (error) {
      this.#send({ id, error: encodeError(error) });
    }
  }

  #rowsOf(request: Exclude<SocketRequest, { kind: 'begin' }>): Promise<readonly unknown[]> {
    const { db } = this.#options;
    switch (request.kind) {
      case 'query':
      case 'execute':
        if (request.tx === undefined) return this.#inTurn(() => run(db, request));
        return this.#leaseOf(request.tx).run((tx) => run(tx, request));
      case 'listen':
        return this.#listen(request.channel);
      default:
        return this.#unlisten(request.kind === 'unlisten' ? request.channel : '');
    }
  }

  /**
   * Runs statements outside of transactions, and transactions, in order. Each client has at most one at the database, which
   * serves them in order of arrival, so clients take turns however much each of them sends.
   */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const { socket } = this.#options;
    const done = this.#last.then(async () => {
      // Nothing runs for a client that does not read its responses.
      if (socket.writableNeedDrain && !socket.destroyed) {
        await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
      }
      if (socket.destroyed) throw new Error('the client is gone');
      return work();
    });
    this.#last = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  /** Runs a transaction until the client ends it, disconnects, or exceeds its time. */
  async #transact(id: number): Promise<void> {
    const { db, socket, idleMs, totalMs } = this.#options;
    let failure: unknown;
    try {
      await db.transaction(async (tx) => {
        if (socket.destroyed) throw ROLLED_BACK;
        const lease = new Lease(tx, { idleMs, totalMs });
        this.#lease = { id, lease };
        this.#send({ id, rows: [] });
        await lease.ended;
      });
    } catch (error) {
      failure = error;
    }
    const isBegun = this.#lease?.id === id;
    const endedBy = this.#endRequest;
    this.#lease = undefined;
    this.#endRequest = undefined;
    if (!isBegun) throw failure;
    if (endedBy === undefined) {
      this.#expired = { id, reason: failure };
      return;
    }
    if (failure === undefined || failure === ROLLED_BACK) this.#send({ id: endedBy, rows: [] });
    else this.#send({ id: endedBy, error: encodeError(failure) });
  }

  #endTransaction(request: Extract<SocketRequest, { kind: 'commit' | 'rollback' }>): void {
    try {
      const lease = this.#leaseOf(request.tx);
      this.#endRequest = request.id;
      if (request.kind === 'commit') lease.commit();
      else lease.fail(ROLLED_BACK);
    } catch (error) {
      this.#send({ id: request.id, error: encodeError(error) });
    }
  }

  #leaseOf(id: number): Lease {
    if (this.#lease?.id === id && this.#endRequest === undefined) return this.#lease.lease;
    if (this.#expired?.id === id) throw this.#expired.reason;
    throw new RemoteDatabaseError('the transaction is over', NO_ACTIVE_TRANSACTION);
  }

  async #listen(channel: string): Promise<readonly unknown[]> {
    if (!this.#channels.has(channel) && this.#channels.size >= MAX_CHANNELS) {
      throw new RemoteDatabaseError('a client listens on too many channels', LIMIT_EXCEEDED);
    }
    const known = this.#channels.get(channel);
    const listening =
      known ?? this.#options.db.listen(channel, (payload) => this.#send({ channel, payload }));
    this.#channels.set(channel, listening);
    try {
      await listening;
    } catch (error) {
      this.#channels.delete(channel);
      throw error;
    }
    return [];
  }

  async #unlisten(channel: string): Promise<readonly unknown[]> {
    const listening = this.#channels.get(channel);
    this.#channels.delete(channel);
    await (
      await listening
    )?.();
    return [];
  }

  #send(response: SocketResponse): void {
    const { socket } = this.#options;
    if (socket.destroyed) return;
    let frame: Buffer;
    try {
      frame = encodeFrame(response);
    } catch (error) {
      if (!('id' in response)) return;
      const code = error instanceof FrameTooLarge ? LIMIT_EXCEEDED : undefined;
      const failure = new RemoteDatabaseError('the rows cannot be sent: they are too large', code);
      frame = encodeFrame({ id: response.id, error: encodeError(failure) });
    }
    socket.write(frame);
    if (socket.writableLength > MAX_UNREAD_BYTES) socket.destroy();
  }

  #onClose(): void {
    this.#lease?.lease.fail(ROLLED_BACK);
    for (const channel of Array.from(this.#channels.keys())) {
      this.#unlisten(channel).catch(() => undefined);
    }
  }
}

/** Serves a client until its connection closes. */
export function serveClient(options: SessionOptions): void {
  new Session(options).start();
}

async function run(on: Queryable, request: Statement): Promise<readonly unknown[]> {
  return request.kind === 'query'
    ? on.query(request.text, request.values)
    : on.execute(request.text);
}
