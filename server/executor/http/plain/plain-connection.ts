/** A connection on which plain requests are answered, one after another, until something else comes. */
import type { Socket } from 'node:net';
import { PlainReply } from './plain-reply.ts';
import { PlainRequest } from './plain-request.ts';

export interface PlainConnectionOptions {
  readonly socket: Socket;
  readonly idleSeconds: number;
  /** Answers a request. False, with nothing done: it is not for this way. */
  readonly answer: (request: PlainRequest, reply: PlainReply) => boolean;
  /** Takes the connection over, whose next bytes are not read yet. */
  readonly handOver: (socket: Socket) => void;
  readonly onClose: (connection: PlainConnection) => void;
}

/** So long a connection that a server which closes took in last may take to ask. */
const NEW_MS = 1000;

export class PlainConnection {
  readonly #options: PlainConnectionOptions;
  #isBusy = false;
  #hasAsked = false;
  /** Since when nothing is under way, by the clock of {@link performance}. */
  #idleSinceMs = performance.now();
  /** What came while a request was being answered. */
  #waiting: Buffer | undefined;

  constructor(options: PlainConnectionOptions) {
    this.#options = options;
    const { socket } = options;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
  }

  /** Closes it unless something is under way: a reply that is still being taken, or a first request that is on its way. */
  closeIfIdle(): void {
    const { socket } = this.#options;
    const isNew = !this.#hasAsked && performance.now() - this.#idleSinceMs < NEW_MS;
    if (!this.#isBusy && !isNew && socket.writableLength === 0) socket.destroy();
  }

  /** Closes it where nothing came, or was taken, for too long. */
  closeIfLate(nowMs: number, firstMs: number, idleMs: number): void {
    const isLate = nowMs - this.#idleSinceMs > (this.#hasAsked ? idleMs : firstMs);
    if (isLate && !this.#isBusy) this.#options.socket.destroy();
  }

  close(): void {
    this.#options.socket.destroy();
  }

  readonly #onData = (bytes: Buffer): void => {
    if (this.#isBusy) {
      this.#waiting = this.#waiting === undefined ? bytes : Buffer.concat([this.#waiting, bytes]);
      this.#options.socket.pause();
      return;
    }
    try {
      this.#read(bytes);
    } catch {
      // Nothing that one connection sends may end the process.
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
    const reply = new PlainReply({
      socket,
      idleSeconds,
      isHead: request.method === 'HEAD',
      onEnd: this.#onReplied,
    });
    this.#isBusy = true;
    this.#hasAsked = true;
    if (!answer(request, reply)) this.#handOver(bytes);
  }

  readonly #onReplied = (isLast: boolean): void => {
    const { socket } = this.#options;
    this.#isBusy = false;
    this.#idleSinceMs = performance.now();
    if (isLast) {
      socket.end();
      return;
    }
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    socket.resume();
    this.#onData(waiting);
  };

  /** The caller has no more to say: it hung up, as to Node. */
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
