/** Worker thread that generates load: keep-alive connections, each with one request at a time. */
import { connect } from 'node:net';
import { connect as connectByTls } from 'node:tls';
import { parentPort, workerData } from 'node:worker_threads';
import { ResponseEnd } from './response-end.ts';

export interface LoadOrder {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  readonly seconds: number;
  /** Value of the Host header; default 127.0.0.1. */
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
    const response = new ResponseEnd();
    let sentAt = 0;
    const send = (): void => {
      sentAt = performance.now();
      if (sentAt < until) socket.write(request);
      else socket.end();
    };
    const take = (bytes: Buffer): void => {
      if (!response.take(bytes)) return;
      if (response.isGood) latencies.push(performance.now() - sentAt);
      else failures += 1;
      send();
    };
    // One read buffer per connection saves allocations, so that the generator is not the bottleneck.
    const callback = (count: number): boolean => {
      take(buffer.subarray(0, count));
      return true;
    };
    // The certificate is self-signed.
    const socket = tls
      ? connectByTls({ ...target, servername: host, rejectUnauthorized: false }).on('data', take)
      : connect({ ...target, onread: { buffer, callback } });
    socket.on(tls ? 'secureConnect' : 'connect', send);
    socket.on('error', () => (failures += 1));
    socket.on('close', () => resolve());
  });
}
