/** A generator of load in a thread of its own: requests on kept connections, one at a time on each. */
import { connect } from 'node:net';
import { connect as connectByTls } from 'node:tls';
import { parentPort, workerData } from 'node:worker_threads';

export interface LoadOrder {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  readonly seconds: number;
  /** Default localhost. */
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

const { port, path, connections, seconds, host = 'localhost', tls = false }: LoadOrder = workerData;
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
    // The certificate is the test's own.
    const socket = tls
      ? connectByTls({ ...target, servername: host, rejectUnauthorized: false })
      : connect(target);
    let sentAt = 0;
    let text = '';
    const send = (): void => {
      text = '';
      sentAt = performance.now();
      if (sentAt < until) socket.write(request);
      else socket.end();
    };
    socket.setEncoding('latin1');
    socket.on(tls ? 'secureConnect' : 'connect', send);
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (!isWhole(text)) return;
      if (text.startsWith('HTTP/1.1 200')) latencies.push(performance.now() - sentAt);
      else failures += 1;
      send();
    });
    socket.on('error', () => (failures += 1));
    socket.on('close', () => resolve());
  });
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text);
  return length === null ? text.endsWith('0\r\n\r\n') : text.length >= end + 4 + Number(length[1]);
}
