/** A connection on which plain requests are answered, one after another, until a request of another kind arrives. */
import type { Socket } from 'node:net';
import { PlainResponse } from './plain-response.ts';
import { PlainRequest } from './plain-request.ts';

export interface PlainConnectionOptions {
  readonly socket: Socket;
  readonly idleSeconds: number;
  /** Answers a request. Returns false, having done nothing, if the request is not for the fast path. */
  readonly answer: (request: PlainRequest, response: PlainResponse) => boolean;
  /** Takes over the connection, before its next bytes are read. */
  readonly handOver: (socket: Socket) => void;
  readonly onClose: (connection: PlainConnection) => void;
}

/** Grace period for a connection accepted just before shutdown to send its first request. */
const FIRST_REQUEST_GRACE_MS = 1000;

export class PlainConnection {
  readonly #options: PlainConnectionOptions;
  #isBusy = false;
  #hasRequested = false;
  /** When the connection became idle, by {@link performance}. */
  #idleSinceMs = performance.now();
  /** Bytes received while a request was being answered. */
  #pending: Buffer | undefined;

  constructor(options: PlainConnectionOptions) {
    this.#options = options;
    const { socket } = options;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
  }

  /** Closes the connection unless a response is still being sent or its first request is expected. */
  closeIfIdle(): void {
    const { socket } = this.#options;
    const isNew =
      !this.#hasRequested && performance.now() - this.#idleSinceMs < FIRST_REQUEST_GRACE_MS;
    if (!this.#isBusy && !isNew && socket.writableLength === 0) socket.destroy();
  }

  /** Closes the connection if it has been idle too long. */
  closeIfLate(nowMs: number, firstMs: number, idleMs: number): void {
    const isLate = nowMs - this.#idleSinceMs > (this.#hasRequested ? idleMs : firstMs);
    if (isLate && !this.#isBusy) this.#options.socket.destroy();
  }

  close(): void {
    this.#options.socket.destroy();
  }

  readonly #onData = (bytes: Buffer): void => {
    if (this.#isBusy) {
      this.#pending = this.#pending === undefined ? bytes : Buffer.concat([this.#pending, bytes]);
      this.#options.socket.pause();
      return;
    }
    try {
      this.#read(bytes);
    } catch {
      // Input from one connection must never end the process.
      this.#options.socket.destroy();
    }
  };

  #read(bytes: Buffer): void {
    const { socket, idleSeconds, answer } = this.#options;
    const request = PlainRequest.read(bytes, socket);
    if (request === undefined) {
      this.#handOver(bytes);
      return;
    }
    const response = new PlainResponse({
      socket,
      idleSeconds,
      isHead: request.method === 'HEAD',
      onEnd: this.#onReplied,
    });
    this.#isBusy = true;
    this.#hasRequested = true;
    if (!answer(request, response)) this.#handOver(bytes);
  }

  readonly #onReplied = (isLast: boolean): void => {
    const { socket } = this.#options;
    this.#isBusy = false;
    this.#idleSinceMs = performance.now();
    if (isLast) {
      socket.end();
      return;
    }
    const waiting = this.#pending;
    if (waiting === undefined) return;
    this.#pending = undefined;
    socket.resume();
    this.#onData(waiting);
  };

  /** A half-closed connection counts as closed, as in Node. */
  readonly #onEnd = (): void => {
    this.#options.socket.end();
  };

  readonly #onError = (): void => {
    this.#options.socket.destroy();
  };

  readonly #onClose = (): void => {
    this.#options.onClose(this);
  };

  #handOver(bytes: Buffer): void {
    const { socket, handOver, onClose } = this.#options;
    socket.pause();
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('error', this.#onError);
    socket.off('close', this.#onClose);
    onClose(this);
    socket.unshift(bytes);
    handOver(socket);
    socket.resume();
  }
}
