/** The fast path and Node's server must behave alike, and a connection must pass from the first to the second. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { CallResponse, CallRequest } from './exchange.ts';
import { RunServer } from './server.ts';

interface Running {
  readonly port: number;
  readonly server: RunServer;
  /** Number of requests handled by the fast path. */
  readonly plain: () => number;
}

type Answer = (request: CallRequest, reply: CallResponse) => void;

async function start(t: TestContext, answer: Answer, isPlain = true): Promise<Running> {
  let plain = 0;
  const server = new RunServer({
    onPlain(request, reply) {
      if (!isPlain) return false;
      plain += 1;
      answer(request, reply);
      return true;
    },
    onRequest: answer,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { port: address.port, server, plain: () => plain };
}

interface Sending {
  /** Returns whether everything expected has arrived. Default: wait until the server closes. */
  readonly enough?: (text: string) => boolean;
  /** Number of pieces after which the next one is sent only when data has come back. Default 0: all are sent at once. */
  readonly paced?: number;
}

/** Sends the pieces, and returns everything that comes back. */
async function send(
  port: number,
  pieces: readonly string[],
  { enough = () => false, paced = 0 }: Sending = {},
): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.setEncoding('latin1');
  let text = '';
  const done = new Promise<void>((resolve) => {
    socket.on('data', (piece: string) => {
      text += piece;
      if (enough(text)) resolve();
    });
    socket.on('close', () => resolve());
    // The server may have closed before the last piece.
    socket.on('error', () => resolve());
  });
  for (const [index, piece] of pieces.entries()) {
    const answered = index < paced ? once(socket, 'data') : undefined;
    socket.write(piece, 'latin1');
    await (answered ?? new Promise((resolve) => setTimeout(resolve, 1)));
  }
  await done;
  socket.destroy();
  return text;
}

const get = (path: string, method = 'GET'): string =>
  `${method} ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

/** Returns the status line, the headers sorted by name, and the rest. */
function parse(text: string): { status: string | undefined; headers: string[]; body: string } {
  const end = text.indexOf('\r\n\r\n');
  const [status, ...headers] = text.slice(0, end).split('\r\n');
  const sorted = headers.map((line) => line.replace(/^(Date: ).*/, '$1')).sort();
  return { status, headers: sorted, body: text.slice(end + 4) };
}

const ANSWERS: Readonly<Record<string, Answer>> = {
  'a text with its length': (_request, reply) => {
    reply.writeHead(200, undefined, ['Content-Type', 'text/plain', 'Content-Length', '5']);
    reply.end('h\xe9llo', 'latin1');
  },
  'bytes with their length': (_request, reply) => {
    reply.writeHead(200, 'Fine', ['content-length', '3']);
    reply.end(Uint8Array.of(1, 2, 255), 'utf8');
  },
  'a body in chunks, with trailers': ({ method }, reply) => {
    reply.writeHead(200, undefined, method === 'HEAD' ? [] : ['Trailer', 'X-Cost']);
    reply.flushHeaders();
    reply.write(Buffer.from('one'));
    reply.addTrailers({ 'X-Cost': '7' });
    reply.end(undefined, 'utf8');
  },
  'an empty body in chunks': (_request, reply) => {
    reply.writeHead(205, undefined, []);
    reply.end('', 'latin1');
  },
  'no body': (_request, reply) => {
    reply.writeHead(204, undefined, ['X-A', '1', 'X-A', '2']);
    reply.end('', 'utf8');
  },
  'a 304': (_request, reply) => {
    reply.writeHead(304, undefined, ['ETag', '"a"']);
    reply.end('', 'latin1');
  },
  'headers set before, one of which the head replaces': (_request, reply) => {
    reply.setHeader('Vary', 'Origin');
    reply.setHeader('X-Both', 'before');
    reply.writeHead(200, undefined, ['x-both', 'head', 'Content-Length', '0']);
    reply.end('', 'utf8');
  },
  'a last reply': (_request, reply) => {
    reply.setHeader('Connection', 'close');
    reply.writeHead(200, undefined, ['Content-Length', '2']);
    reply.end('ok', 'latin1');
  },
};

for (const [what, answer] of Object.entries(ANSWERS)) {
  for (const method of ['GET', 'HEAD']) {
    test(`a caller sees no difference between the fast path and Node: ${what}, ${method}`, async (t) => {
      const replies: unknown[] = [];
      for (const isPlain of [true, false]) {
        const { port, plain } = await start(t, answer, isPlain);
        // The second request closes the connection: Node reads it in both cases.
        const last = get('/', 'DELETE').replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
        const text = await send(port, [get('/', method), last], { paced: 1 });
        assert.equal(plain(), isPlain ? 1 : 0);
        const second = text.indexOf('HTTP/1.1', 1);
        replies.push(parse(second < 0 ? text : text.slice(0, second)));
      }
      assert.deepEqual(replies[0], replies[1]);
    });
  }
}

const sayPath: Answer = (request, reply) => {
  reply.writeHead(200, undefined, ['Content-Length', String(request.url?.length)]);
  reply.end(request.url, 'latin1');
};

test('each of several requests on one connection takes the fast path', async (t) => {
  const { port, plain } = await start(t, sayPath);
  const enough = (all: string): boolean => all.endsWith('/c');
  const text = await send(port, [get('/a'), get('/b'), get('/c')], { enough, paced: 3 });
  assert.deepEqual(text.match(/\/[abc]$|\/[abc](?=HTTP)/g), ['/a', '/b', '/c']);
  assert.equal(plain(), 3);
});

test('several requests in one piece are answered in order, each once', async (t) => {
  const { port } = await start(t, sayPath);
  const text = await send(port, [get('/a') + get('/b') + get('/c')], {
    enough: (all) => all.endsWith('/c'),
  });
  assert.deepEqual(text.match(/\/[abc]$|\/[abc](?=HTTP)/g), ['/a', '/b', '/c']);
});

test('a request that arrives during a response is answered after it', async (t) => {
  const { port } = await start(t, (request, reply) => {
    setTimeout(() => sayPath(request, reply), 60);
  });
  const text = await send(port, [get('/a'), get('/b'), get('/c')], {
    enough: (all) => all.endsWith('/c'),
  });
  assert.deepEqual(text.match(/\/[abc]$|\/[abc](?=HTTP)/g), ['/a', '/b', '/c']);
});

test('a head that arrives byte by byte is read completely', async (t) => {
  const { port } = await start(t, sayPath);
  const text = await send(port, get('/a').split(''), { enough: (all) => all.endsWith('/a') });
  assert.match(text, /^HTTP\/1\.1 200 OK/);
});

test('a connection passes from the fast path to Node without losing data, and a body is read', async (t) => {
  const { port, plain } = await start(t, (request, reply) => {
    void (async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of request.iterator({ destroyOnReturn: false })) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      reply.writeHead(200, undefined, ['Content-Length', String(body.length + 1)]);
      reply.end(`${body.toString('latin1')}.`, 'latin1');
    })();
  });
  const post = `POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe`;
  const text = await send(port, [get('/a'), post, `llo${get('/c')}`], {
    enough: (all) => all.split('200 OK').length === 4 && all.endsWith('.'),
    paced: 1,
  });
  assert.match(text, /\r\n\r\nhello\.HTTP/);
  assert.equal(plain(), 1);
});

test('Node refuses what is not a request, also after plain requests', async (t) => {
  const { port } = await start(t, sayPath);
  const text = await send(port, [get('/a'), 'GET /b HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n'], {
    paced: 1,
  });
  assert.match(text, /\/aHTTP\/1\.1 400 Bad Request/);
});

test('a caller that disconnects closes its connection, also during a response', async (t) => {
  const sockets: Socket[] = [];
  const { port } = await start(t, (request) => void sockets.push(request.socket));
  const client = connect(port, '127.0.0.1');
  client.write(get('/a'));
  while (sockets.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const [socket] = sockets;
  assert.ok(socket);
  const closed = once(socket, 'close');
  client.end();
  await closed;
});

test('a closing server closes idle connections, and completes active requests', async (t) => {
  const slow = Promise.withResolvers<() => void>();
  const { port, server } = await start(t, (request, reply) => {
    if (request.url === '/quick') return sayPath(request, reply);
    slow.resolve(() => sayPath(request, reply));
  });
  const idle = connect(port, '127.0.0.1');
  idle.write(get('/quick'));
  await once(idle, 'data');
  const busy = connect(port, '127.0.0.1');
  busy.write(get('/slow'));
  const finish = await slow.promise;
  const idleClosed = once(idle.resume(), 'close');
  server.close();
  await idleClosed;
  assert.equal(busy.destroyed, false);
  finish();
  const [data] = await once(busy, 'data');
  assert.match(String(data), /\/slow$/);
  const busyClosed = once(busy.resume(), 'close');
  server.closeIdleConnections();
  await busyClosed;
});

test('a connection accepted just before the server closes may still send a request', async (t) => {
  const { port, server } = await start(t, sayPath);
  const taken = once(server, 'connection');
  const socket = connect(port, '127.0.0.1');
  await taken;
  server.close();
  server.closeIdleConnections();
  socket.write(get('/late'));
  const [data] = await Promise.race([once(socket, 'data'), once(socket, 'close')]);
  assert.match(String(data), /\/late$/);
  socket.destroy();
});

test('a closing server does not cut off a response that its caller still reads', async (t) => {
  const body = Buffer.alloc(16 * 1024 * 1024, 'x');
  const { port, server } = await start(t, (_request, reply) => {
    reply.writeHead(200, undefined, ['Content-Length', String(body.length)]);
    reply.end(body, 'utf8');
  });
  const socket = connect(port, '127.0.0.1');
  socket.write(get('/'));
  await once(socket, 'readable');
  server.close();
  server.closeIdleConnections();
  let length = 0;
  for await (const chunk of socket) {
    length += Buffer.from(chunk).length;
    if (length > body.length) break;
  }
  assert.ok(length > body.length, `${length} bytes came`);
});

test('a header with a line break is not sent', async (t) => {
  const { port } = await start(t, (_request, reply) => {
    assert.throws(() => reply.writeHead(200, undefined, ['X-A', 'a\r\nX-B: b']));
    assert.throws(() => reply.writeHead(200, 'a\nb', []));
    reply.destroy();
  });
  assert.equal(await send(port, [get('/')]), '');
});
