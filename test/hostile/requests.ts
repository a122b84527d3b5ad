/** Hostile requests: bytes that no well-behaved client sends. The server must respond or close the connection. */
import { connect } from 'node:net';
import type { Random } from './random.ts';

/** Returns the chunks to send, for the path of a handler. */
type RequestKind = (path: string, random: Random) => readonly string[];

const HOST = 'Host: localhost\r\n';

const KINDS: Readonly<Record<string, RequestKind>> = {
  'HTTP/1.0': (path) => [`GET ${path} HTTP/1.0\r\n\r\n`],
  'HTTP/1.0 kept alive': (path) => [
    `GET ${path} HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET ${path} HTTP/1.0\r\n\r\n`,
  ],
  'HEAD of a stream': (path) => [`HEAD ${path} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`],
  'pipelined requests': (path, random) => [
    `GET ${path} HTTP/1.1\r\n${HOST}\r\n`.repeat(random.int(2, 50)),
  ],
  'a body cut short': (path, random) => [
    `POST ${path} HTTP/1.1\r\n${HOST}Content-Length: ${random.int(1000, 1_000_000)}\r\n\r\nabc`,
  ],
  'chunks of rubbish': (path) => [
    `POST ${path} HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`,
    '5\r\nabcde\r\n',
    'zz\r\n',
  ],
  'many headers': (path, random) => [
    `GET ${path} HTTP/1.1\r\n${HOST}${'X-A: b\r\n'.repeat(random.int(10, 5000))}Connection: close\r\n\r\n`,
  ],
  'a long header': (path, random) => [
    `GET ${path} HTTP/1.1\r\n${HOST}X-A: ${'a'.repeat(random.int(1000, 200_000))}\r\n\r\n`,
  ],
  'a long target': (path, random) => [
    `GET ${path}?${'a'.repeat(random.int(1000, 200_000))} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
  ],
  'two lengths': (path) => [
    `POST ${path} HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
  ],
  'an upgrade': (path) => [
    `GET ${path} HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  ],
  'a CONNECT': () => [`CONNECT localhost:1 HTTP/1.1\r\n${HOST}\r\n`],
  'an expectation': (path) => [
    `POST ${path} HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 3\r\n\r\n`,
    'abc',
  ],
  'random bytes': (_, random) => [
    String.fromCharCode(...Array.from({ length: random.int(1, 4000) }, () => random.int(0, 255))),
  ],
};

export const REQUEST_KINDS: readonly string[] = Object.keys(KINDS);

/** Time after which a connection that the server keeps open is abandoned. */
const PATIENCE_MS = 2000;

/** Sends one request, and resolves when the connection has ended or was abandoned. Never rejects. */
export function sendHostile(port: number, path: string, random: Random): Promise<void> {
  const parts = KINDS[random.pick(REQUEST_KINDS)]?.(path, random) ?? [];
  const hangsUp = random.int(0, 3) === 0;
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.resume();
    for (const part of parts) socket.write(part, 'latin1');
    if (hangsUp) setTimeout(() => socket.destroy(), random.int(0, 30));
    else setTimeout(() => socket.end(), PATIENCE_MS / 2).unref();
  });
}
