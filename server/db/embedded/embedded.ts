/**
 * The embedded database, which works in a thread of its own (`thread.ts`). A thread that ends is replaced: statements
 * in progress reject with a `DatabaseUnavailableError`, and later ones wait for the new thread.
 */
import type { Logger } from 'pino';
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import type { Database } from '../connection/database.ts';
import { openRemoteDatabase } from '../socket/client.ts';
import { monotonicMs, type FromThread, type ThreadData, type ToThread } from './messages.ts';
import { PortStream } from './port-stream.ts';

export interface EmbeddedOptions {
  /** Folder of the database's files, or a dump to be loaded into memory. */
  readonly from: string | Blob;
  readonly log: Logger;
  /** Milliseconds after which a statement is stopped, by replacing the thread; default 30 s. */
  readonly statementMs?: number;
}

export interface EmbeddedDatabase extends Database {
  /**
   * Lets other processes use the database over a socket at this path, with an executor's rights; again after each
   * replacement of the thread. Resolves when it listens.
   */
  share(path: string): Promise<void>;
  /** Resolves when the files are closed. */
  close(): Promise<void>;
}

const THREAD = new URL('./thread.ts', import.meta.url);
/**
 * As long as PostgreSQL's statement timeout (`postgres.ts`). PGlite has none, because its thread is blocked while a
 * statement runs.
 */
const STATEMENT_MS = 30_000;
const CHECK_MS = 500;
/** Pause before a thread that ended is replaced. */
const RESTART_MS = 1000;
/** How long a statement waits for the first opening. */
const OPENING_MS = 60_000;
/** A thread that does not end in this time is terminated, as by a crash: PGlite recovers from its log. */
const CLOSING_MS = 10_000;

class EmbeddedThread {
  readonly #options: EmbeddedOptions;
  readonly #statementSince = new Float64Array(new SharedArrayBuffer(8));
  readonly #check: NodeJS.Timeout;
  #worker: Worker | undefined;
  #startedAt = -Infinity;
  #sharedPath: string | undefined;
  #sharing: PromiseWithResolvers<void> | undefined;
  #isClosing = false;

  constructor(options: EmbeddedOptions) {
    this.#options = options;
    // Other users must not be able to write files of this process, in particular its socket. Set here, because a thread
    // cannot set the mask.
    process.umask(process.umask() | 0o022);
    this.#check = setInterval(() => this.#stopIfLong(), CHECK_MS).unref();
  }

  /** Connects to the thread, which is started if there is none. */
  connect(): PortStream {
    const { port1, port2 } = new MessageChannel();
    if (this.#worker !== undefined) this.#send(this.#worker, port2);
    else {
      const wait = Math.max(0, this.#startedAt + RESTART_MS - monotonicMs());
      setTimeout(() => {
        if (this.#isClosing) port2.close();
        else this.#send((this.#worker ??= this.#start()), port2);
      }, wait);
    }
    return new PortStream(port1, 'client');
  }

  async share(path: string): Promise<void> {
    this.#sharedPath = path;
    this.#sharing = Promise.withResolvers();
    if (this.#worker !== undefined) this.#post(this.#worker, { kind: 'share', path });
    await this.#sharing.promise;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#check);
    const worker = this.#worker;
    if (worker === undefined) return;
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    this.#post(worker, { kind: 'close' });
    const late = setTimeout(() => void worker.terminate(), CLOSING_MS);
    await exited;
    clearTimeout(late);
  }

  #start(): Worker {
    const { from, log } = this.#options;
    this.#startedAt = monotonicMs();
    this.#statementSince[0] = 0;
    const workerData: ThreadData = { from, statementSince: this.#statementSince };
    const worker = new Worker(THREAD, { workerData });
    worker.on('message', (message: FromThread) => this.#take(message));
    worker.on('error', (error) => log.error({ err: error }, 'the embedded database failed'));
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
      if (!this.#isClosing) log.error('the embedded database ended; reopening');
    });
    if (this.#sharedPath !== undefined) {
      this.#post(worker, { kind: 'share', path: this.#sharedPath });
    }
    return worker;
  }

  #take(message: FromThread): void {
    const { log } = this.#options;
    switch (message.kind) {
      case 'open':
        return;
      case 'open-failed':
        log.error({ err: message.error }, 'the embedded database could not be opened; retrying');
        return;
      case 'shared':
        this.#sharing?.resolve();
        return;
      case 'share-failed':
        log.error({ err: message.error }, 'the embedded database could not be shared');
        this.#sharing?.reject(message.error);
    }
  }

  #send(worker: Worker, port: MessagePort): void {
    const message: ToThread = { kind: 'connect', port };
    worker.postMessage(message, [port]);
  }

  #post(worker: Worker, message: ToThread): void {
    worker.postMessage(message);
  }

  #stopIfLong(): void {
    const { statementMs = STATEMENT_MS, log } = this.#options;
    const [since = 0] = this.#statementSince;
    if (since === 0 || monotonicMs() - since < statementMs) return;
    this.#statementSince[0] = 0;
    log.error({ statementMs }, 'a statement took too long; restarting the embedded database');
    void this.#worker?.terminate();
  }
}

/** Opens it in the background; statements wait for that. */
export function openEmbedded(options: EmbeddedOptions): EmbeddedDatabase {
  const thread = new EmbeddedThread(options);
  const client = openRemoteDatabase({ connect: () => thread.connect(), openingMs: OPENING_MS });
  return {
    ...client,
    share: (path) => thread.share(path),
    async close() {
      await client.close();
      await thread.close();
    },
  };
}
