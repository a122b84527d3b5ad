/** A client's connection, which reconnects when it is lost. Pending requests are then rejected. */
import type { Duplex } from 'node:stream';
import { DatabaseUnavailableError } from '../connection/unavailable.ts';
import { decodeError, LIMIT_EXCEEDED, RemoteDatabaseError } from './errors.ts';
import { encodeFrame, FrameReader, FrameTooLarge } from './frames.ts';
import { readResponse, type SocketRequest, type SocketResponse } from './messages.ts';
import type { ConnectionOptions } from './client.ts';

/** Lower than the server's limit, so that excess requests are refused before they are sent. */
const MAX_PENDING = 1500;
const FIRST_RETRY_MS = 20;
const MAX_RETRY_MS = 500;
const RECONNECT_MS = 10_000;
const ANSWER_MS = 35_000;
const CHECK_MS = 1000;

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
type NewRequest = WithoutId<SocketRequest>;

interface Pending {
  readonly resolve: (rows: readonly unknown[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Requests of one transaction. */
interface Begun {
  readonly id: number;
  readonly request: (request: NewRequest) => Promise<readonly unknown[]>;
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<string, Set<(payload: string) => void>>();
  #lastId = 0;
  #socket: Duplex | undefined;
  #connected = Promise.withResolvers<Duplex>();
  #wasConnected = false;
  #closedBy: Error | undefined;
  #retryMs = FIRST_RETRY_MS;
  #retry: NodeJS.Timeout | undefined;
  #heardAt = 0;
  readonly #check: NodeJS.Timeout;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#connect();
    this.#check = setInterval(() => this.#giveUpIfSilent(), CHECK_MS).unref();
  }

  /** Resolves with the rows. */
  async request(request: NewRequest): Promise<readonly unknown[]> {
    return this.#ask(await this.#ready(), request).answer;
  }

  /** Resolves when the transaction has begun. */
  async begin(): Promise<Begun> {
    const socket = await this.#ready();
    const { id, answer } = this.#ask(socket, { kind: 'begin' });
    await answer;
    return { id, request: async (request) => this.#ask(socket, request).answer };
  }

  async listen(channel: string, onNotice: (payload: string) => void): Promise<void> {
    // Registered before the request, because the first notice may arrive together with the response.
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(onNotice));
    try {
      await this.request({ kind: 'listen', channel });
    } catch (error) {
      listeners.delete(onNotice);
      if (listeners.size === 0) this.#listeners.delete(channel);
      throw error;
    }
  }

  async unlisten(channel: string, onNotice: (payload: string) => void): Promise<void> {
    const listeners = this.#listeners.get(channel);
    listeners?.delete(onNotice);
    if (listeners?.size !== 0) return;
    this.#listeners.delete(channel);
    if (this.#socket === undefined) return;
    await this.request({ kind: 'unlisten', channel }).catch(() => undefined);
  }

  /** @param reason the error with which pending and later requests reject */
  close(reason: Error): void {
    this.#closedBy = reason;
    clearInterval(this.#check);
    clearTimeout(this.#retry);
    this.#connected.promise.catch(() => undefined);
    this.#connected.reject(reason);
    this.#socket?.destroy();
    this.#rejectAll(reason);
  }

  async #ready(): Promise<Duplex> {
    if (this.#closedBy !== undefined) throw this.#closedBy;
    if (this.#socket !== undefined) return this.#socket;
    const { openingMs, reconnectMs = RECONNECT_MS } = this.#options;
    const ms = this.#wasConnected ? reconnectMs : openingMs;
    if (ms === undefined) return this.#connected.promise;
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new DatabaseUnavailableError('unreachable')), ms);
    try {
      return await Promise.race([this.#connected.promise, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  #ask(socket: Duplex, request: NewRequest): { id: number; answer: Promise<readonly unknown[]> } {
    if (socket !== this.#socket) throw new DatabaseUnavailableError('unreachable');
    if (this.#pending.size >= MAX_PENDING) throw new DatabaseUnavailableError('overloaded');
    this.#lastId += 1;
    const id = this.#lastId;
    const frame = encode({ ...request, id });
    if (this.#pending.size === 0) this.#heardAt = performance.now();
    const answer = new Promise<readonly unknown[]>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
    });
    socket.write(frame);
    return { id, answer };
  }

  #connect(): void {
    const socket = this.#options.connect();
    const reader = new FrameReader((message) => this.#take(readResponse(message)));
    socket.on('data', (chunk: Buffer) => {
      this.#heardAt = performance.now();
      try {
        reader.push(chunk);
      } catch (error) {
        socket.destroy(error instanceof Error ? error : undefined);
      }
    });
    socket.once('connect', () => this.#onConnect(socket));
    socket.on('error', () => undefined);
    socket.once('close', () => this.#onClose(socket));
  }

  #onConnect(socket: Duplex): void {
    if (this.#closedBy !== undefined) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    this.#retryMs = FIRST_RETRY_MS;
    const isAgain = this.#wasConnected;
    this.#wasConnected = true;
    this.#connected.resolve(socket);
    if (isAgain) void this.#listenAgain(socket);
  }

  /** Listens on the same channels again, and reports that notices may have been missed. */
  async #listenAgain(socket: Duplex): Promise<void> {
    for (const channel of Array.from(this.#listeners.keys())) {
      try {
        await this.#ask(socket, { kind: 'listen', channel }).answer;
        this.#notify(channel, '');
      } catch {
        // A lost connection reconnects anyway; one that refuses is closed.
        socket.destroy();
        return;
      }
    }
  }

  #onClose(socket: Duplex): void {
    if (this.#socket === socket) {
      this.#socket = undefined;
      this.#connected = Promise.withResolvers();
      this.#rejectAll(new DatabaseUnavailableError('unreachable'));
    }
    if (this.#closedBy !== undefined) return;
    this.#retry = setTimeout(() => this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
  }

  #take(response: SocketResponse): void {
    if ('channel' in response) return this.#notify(response.channel, response.payload);
    const pending = this.#pending.get(response.id);
    this.#pending.delete(response.id);
    if ('rows' in response) pending?.resolve(response.rows);
    else pending?.reject(decodeError(response.error));
  }

  #notify(channel: string, payload: string): void {
    for (const listener of this.#listeners.get(channel) ?? []) listener(payload);
  }

  #rejectAll(reason: Error): void {
    const all = Array.from(this.#pending.values());
    this.#pending.clear();
    for (const { reject } of all) reject(reason);
  }

  /** Detects a server that hangs, whose connections stay open. */
  #giveUpIfSilent(): void {
    const { answerMs = ANSWER_MS } = this.#options;
    if (this.#pending.size === 0 || performance.now() - this.#heardAt < answerMs) return;
    this.#socket?.destroy();
  }
}

function encode(request: object): Buffer {
  try {
    return encodeFrame(request);
  } catch (error) {
    if (!(error instanceof FrameTooLarge)) throw error;
    throw new RemoteDatabaseError('the statement is too large', LIMIT_EXCEEDED);
  }
}
