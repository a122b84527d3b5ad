/** Behaviour of a port that opens, is taken, or closes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { fastify } from 'fastify';
import { atEnd } from '../../../test/setup/at-end.ts';
import { closeApp, listen } from './listen.ts';

const ROOT = new URL('../../..', import.meta.url).pathname;

/** Reads until the connection ends. */
async function read(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('connections that wait at a closing port are answered, not reset', async () => {
  const app = fastify({ return503OnClosing: false });
  app.get('/', async () => 'answered');
  const port = await listen(app, { port: 0, variable: 'PORT' });
  const sockets = Array.from({ length: 40 }, () => connect(port, '127.0.0.1'));
  const answers = sockets.map((socket) => {
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    return read(socket);
  });
  // The system has connected them, but the event loop had no turn to accept them.
  await new Promise<void>((resolve) => process.nextTick(resolve));
  await closeApp(app);
  for (const answer of await Promise.all(answers)) assert.match(answer, /answered$/);
  await assert.rejects(once(connect(port, '127.0.0.1'), 'connect'), /ECONNREFUSED/);
});

test('a caller that never reads its response does not prevent the server from stopping', async (t) => {
  const app = fastify();
  app.get('/', async () => Buffer.alloc(32 * 1024 * 1024));
  const port = await listen(app, { port: 0, variable: 'PORT' });
  const socket = connect(port, '127.0.0.1');
  atEnd(t, () => socket.destroy());
  socket.on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'readable');
  await closeApp(app, 50);
});

test('a supervisor whose port is taken by another one reports it once and exits', async (t) => {
  const busy = createServer();
  // As for processes of a supervisor, if the system supports it.
  const reusePort = process.platform === 'linux';
  busy.listen({ port: 0, host: '127.0.0.1', reusePort });
  await once(busy, 'listening');
  atEnd(t, () => busy.close());
  const address = busy.address();
  assert.ok(typeof address === 'object' && address !== null);
  const args = ['scripts/start.ts', '--role', 'executor', '--processes', '2'];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      RUN_PORT: String(address.port),
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
      SECRET_KEYS: Buffer.alloc(32, 1).toString('base64'),
    },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      // It should exit by itself.
      if (said.includes('is running')) child.kill('SIGTERM');
    });
  }
  const [code] = await once(child, 'close');
  assert.equal(code, 1);
  assert.equal(
    said.trim(),
    `Port ${address.port} is in use. Stop what uses it, or choose another: RUN_PORT=${address.port + 10} npm start`,
  );
});
