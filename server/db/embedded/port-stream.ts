/**
 * A MessagePort as a stream of bytes, so that a thread of this process talks to the database by the same code as another
 * process does over a socket.
 */
import { Duplex } from 'node:stream';
import type { MessagePort } from 'node:worker_threads';

/** Sent by the server end when it starts to serve, and by a receiver for each chunk when it has room for more. */
const GO_ON = 0;

type Done = (error?: Error | null) => void;

/** Emits `connect` when the other end starts to serve, and closes when the thread at the other end has ended. */
export class PortStream extends Duplex {
  readonly #port: MessagePort;
  #isConnected: boolean;
  #owesGoOn = false;
  #written: Done | undefined;

  /** @param side `server` for the end that is connected from the start */
  constructor(port: MessagePort, side: 'client' | 'server') {
    super();
    this.#port = port;
    this.#isConnected = side === 'server';
    port.on('message', (message: unknown) => this.#take(message));
    port.once('close', () => this.destroy());
    if (side === 'server') port.postMessage(GO_ON);
  }

  override _read(): void {
    this.#goOn();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#send(chunk, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#port.close();
    done(error);
  }

  #send(bytes: Buffer, done: Done): void {
    this.#written = done;
    this.#port.postMessage(bytes);
  }

  #goOn(): void {
    if (!this.#owesGoOn) return;
    this.#owesGoOn = false;
    this.#port.postMessage(GO_ON);
  }

  #take(message: unknown): void {
    if (message instanceof Uint8Array) {
      this.#owesGoOn = true;
      if (this.push(Buffer.from(message.buffer, message.byteOffset, message.length))) this.#goOn();
      return;
    }
    if (!this.#isConnected) {
      this.#isConnected = true;
      this.emit('connect');
      return;
    }
    const done = this.#written;
    this.#written = undefined;
    done?.();
  }
}
