/** A generator of load in a thread of its own: requests on kept connections, one at a time on each. */
import { connect } from 'node:net';
import { connect as connectByTls } from 'node:tls';
import { parentPort, workerData } from 'node:worker_threads';
import { ReplyEnd } from './reply-end.ts';

export interface LoadOrder {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  readonly seconds: number;
  /** Default 127.0.0.1, as handlers are called at home. */
  readonly host?: string;
  readonly tls?: boolean;
}

export interface LoadResult {
  readonly requests: number;
  readonly failures: number;
  readonly seconds: number;
  /** In milliseconds. */
  readonly latencies: Float64Array;
}

const { port, path, connections, seconds, host = '127.0.0.1', tls = false }: LoadOrder = workerData;
const request = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
const latencies: number[] = [];
const startedAt = performance.now();
const until = startedAt + seconds * 1000;
let failures = 0;

await Promise.all(Array.from({ length: connections }, () => callOn()));
const result: LoadResult = {
  requests: latencies.length,
  failures,
  seconds: (performance.now() - startedAt) / 1000,
  latencies: Float64Array.from(latencies),
};
parentPort?.postMessage(result);

function callOn(): Promise<void> {
  return new Promise((resolve) => {
    const target = { port, host: '127.0.0.1', noDelay: true };
    const buffer = Buffer.allocUnsafe(65_536);
    const reply = new ReplyEnd();
    let sentAt = 0;
    const send = (): void => {
      sentAt = performance.now();
      if (sentAt < until) socket.write(request);
      else socket.end();
    };
    const take = (bytes: Buffer): void => {
      if (!reply.take(bytes)) return;
      if (reply.isGood) latencies.push(performance.now() - sentAt);
      else failures += 1;
      send();
    };
    // Bytes are read into one buffer a connection: the tool must not be what limits whom it measures.
    const callback = (count: number): boolean => {
      take(buffer.subarray(0, count));
      return true;
    };
    // The certificate is the test's own.
    const socket = tls
      ? connectByTls({ ...target, servername: host, rejectUnauthorized: false }).on('data', take)
      : connect({ ...target, onread: { buffer, callback } });
    socket.on(tls ? 'secureConnect' : 'connect', send);
    socket.on('error', () => (failures += 1));
    socket.on('close', () => resolve());
  });
}
