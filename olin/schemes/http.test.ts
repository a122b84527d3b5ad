import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { CallError, type ErrorName } from '../errors.ts';
import { nodePlatform } from '../platform/node.ts';
import type { Platform } from '../types.ts';
import { httpScheme, httpsScheme } from './http.ts';
import type { Resource, Scheme, SchemeHost } from './resource.ts';

const encode = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

/** What the server saw, told in its answer. */
async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body: Buffer[] = [];
  for await (const chunk of request) body.push(Buffer.from(chunk));
  const { method, url, rawHeaders } = request;
  response.setHeader('Content-Type', 'application/json');
  response.end(
    JSON.stringify({ method, url, rawHeaders, body: Buffer.concat(body).toString('latin1') }),
  );
}

/** Answers that a test holds open. */
const held = new Map<string, ServerResponse>();

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  switch (request.url) {
    case '/gzip': {
      const body = gzipSync('unpacked');
      response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': body.length });
      response.end(body);
      return;
    }
    case '/plain':
      response.writeHead(200, 'Fine', {
        'Content-Length': 5,
        'Set-Cookie': ['a=1', 'b=2'],
        Connection: 'keep-alive, X-Hop',
        'X-Hop': '1',
      });
      response.end('plain');
      return;
    case '/redirect':
      response.writeHead(302, { Location: '/plain' }).end();
      return;
    case '/nothing':
      response.writeHead(204).end();
      return;
    case '/broken':
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('half', () => response.destroy());
      return;
    case '/held':
      response.writeHead(200).write('first');
      held.set('/held', response);
      return;
    default:
      await echo(request, response);
  }
}

const server = createServer((request, response) => void answer(request, response));
let origin = '';
let authority = '';
before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  authority = `127.0.0.1:${address.port}`;
  origin = `http://${authority}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

class PolicyStop extends Error {}

class TestHost implements SchemeHost {
  readonly platform: Platform;
  readonly controller = new AbortController();
  readonly signal = this.controller.signal;
  readonly checked: string[] = [];
  forbidden: string | undefined;
  constructor(platform: Partial<Platform> = {}) {
    this.platform = { ...nodePlatform, userAgent: 'Olin/test', ...platform };
  }
  log(): void {}
  charge(): void {}
  hold(): boolean {
    return true;
  }
  memoryRemedy(): string {
    return 'Use less.';
  }
  release(): void {}
  checkPolicy(url: string): void {
    this.checked.push(url);
    if (url === this.forbidden) throw new PolicyStop(url);
  }
}

async function open(
  url: string,
  host: SchemeHost = new TestHost(),
  scheme: Scheme = httpScheme,
): Promise<Resource> {
  return scheme.open(url, host);
}

async function readAll(resource: Resource, max = 4096): Promise<string> {
  let text = '';
  for (;;) {
    const chunk = await resource.read(max);
    if (chunk === null) return text;
    assert.ok(chunk.length <= max);
    text += String.fromCharCode(...chunk);
  }
}

/** Sends `request` over a new descriptor; gives the response's head lines and body. */
async function exchange(
  request: string,
  url: string = origin,
  host: SchemeHost = new TestHost(),
): Promise<{ status: string; headers: string[]; body: string }> {
  const resource = await open(url, host);
  await resource.write(encode(request));
  await resource.flush();
  const text = await readAll(resource);
  await resource.close();
  const end = text.indexOf('\r\n\r\n');
  const [status = '', ...headers] = text.slice(0, end).split('\r\n');
  return { status, headers, body: text.slice(end + 4) };
}

interface Echo {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** What the server saw of `request`. */
async function seen(request: string, url?: string, host?: SchemeHost): Promise<Echo> {
  const { body } = await exchange(request, url, host);
  const echoed: Echo = JSON.parse(new TextDecoder().decode(encode(body)));
  return echoed;
}

function valuesOf({ rawHeaders }: Echo, name: string): string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
}

/** The code and text of the CallError that `act` ends in. */
async function failure(act: () => unknown, code: ErrorName): Promise<string> {
  try {
    await act();
  } catch (error) {
    assert.ok(error instanceof CallError, `not a CallError: ${String(error)}`);
    assert.equal(error.error, code);
    assert.doesNotMatch(error.message, /\.$/, 'the wrapper adds the full stop');
    return error.message;
  }
  return assert.fail('it succeeded');
}

describe('the http scheme', () => {
  it('sends what the guest writes, and gives the response as HTTP/1.1, then the end', async () => {
    const { status, headers, body } = await exchange('GET /plain HTTP/1.1\r\n\r\n');
    assert.equal(status, 'HTTP/1.1 200 Fine');
    assert.ok(headers.includes('content-length: 5'));
    assert.equal(body, 'plain');
  });

  it('keeps several Set-Cookie apart', async () => {
    const { headers } = await exchange('GET /plain HTTP/1.1\r\n\r\n');
    assert.deepEqual(
      headers.filter((line) => line.startsWith('set-cookie')),
      ['set-cookie: a=1', 'set-cookie: b=2'],
    );
  });

  it('sends method, path, query, headers and a body by its length', async () => {
    const echoed = await seen(
      `PUT /a%20b?c=d HTTP/1.1\r\nHost: ${authority}\r\nX-One: 1\r\nContent-Length: 4\r\n\r\nb\0d\xff`,
    );
    assert.deepEqual([echoed.method, echoed.url, echoed.body], ['PUT', '/a%20b?c=d', 'b\0d\xff']);
    assert.deepEqual(valuesOf(echoed, 'x-one'), ['1']);
    assert.deepEqual(valuesOf(echoed, 'content-length'), ['4']);
    assert.deepEqual(valuesOf(echoed, 'host'), [authority]);
  });

  it('sends a chunked body', async () => {
    const echoed = await seen(
      'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
    );
    assert.equal(echoed.body, 'abcde');
  });

  it('takes the request in pieces, with flushes between, and sends it at the first read', async () => {
    const resource = await open(origin);
    for (const piece of ['POST / HT', 'TP/1.1\r\nContent-Le', 'ngth: 3\r\n\r\n', 'a', 'bc']) {
      await resource.write(encode(piece));
      if (piece !== 'bc') await resource.flush();
    }
    assert.match(await readAll(resource), /"body":"abc"/);
  });

  it('gives the response in pieces as small as the guest asks for', async () => {
    const resource = await open(origin);
    await resource.write(encode('GET /plain HTTP/1.1\r\n\r\n'));
    assert.match(await readAll(resource, 3), /^HTTP\/1\.1 200 Fine\r\n[^]*\r\n\r\nplain$/);
  });

  it('streams: the guest reads the first part before the server has ended', async () => {
    const resource = await open(origin);
    await resource.write(encode('GET /held HTTP/1.1\r\n\r\n'));
    await resource.flush();
    assert.match(
      String.fromCharCode(...((await resource.read(4096)) ?? [])),
      /^HTTP\/1\.1 200 OK\r\n/,
    );
    assert.equal(String.fromCharCode(...((await resource.read(4096)) ?? [])), 'first');
    held.get('/held')?.end('last');
    assert.equal(await readAll(resource), 'last');
  });

  it('ends the exchange when the descriptor is closed, or the run ends', async () => {
    for (const how of ['close', 'abort']) {
      const host = new TestHost();
      const resource = await open(origin, host);
      await resource.write(encode('GET /held HTTP/1.1\r\n\r\n'));
      await resource.flush();
      const response = held.get('/held');
      assert.ok(response);
      const closed = once(response, 'close');
      if (how === 'close') await resource.close();
      else host.controller.abort();
      await closed;
    }
  });

  it('does not follow redirects', async () => {
    const { status, headers } = await exchange('GET /redirect HTTP/1.1\r\n\r\n');
    assert.equal(status, 'HTTP/1.1 302 Found');
    assert.ok(headers.includes('location: /plain'));
  });

  it('undoes a coding, and drops the headers that told of it', async () => {
    const { headers, body } = await exchange('GET /gzip HTTP/1.1\r\nAccept-Encoding: gzip\r\n\r\n');
    assert.equal(body, 'unpacked');
    assert.equal(
      headers.some((line) => /^content-(?:length|encoding)/.test(line)),
      false,
    );
  });

  it('gives no body for HEAD and 204', async () => {
    const head = await exchange('HEAD /gzip HTTP/1.1\r\n\r\n');
    assert.equal(head.body, '');
    assert.ok(head.headers.includes('content-encoding: gzip'));
    assert.deepEqual((await exchange('GET /nothing HTTP/1.1\r\n\r\n')).body, '');
  });

  it('drops what is about the connection, both ways', async () => {
    const { headers } = await exchange('GET /plain HTTP/1.1\r\n\r\n');
    const connection = headers.filter((line) =>
      /^(?:connection|keep-alive|x-hop|transfer-encoding)/.test(line),
    );
    assert.deepEqual(connection, ['connection: close']);
    const echoed = await seen(
      'GET / HTTP/1.1\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\nUpgrade: h2c\r\nExpect: 100-continue\r\nProxy-Authorization: x\r\n\r\n',
    );
    for (const name of ['x-hop', 'te', 'upgrade', 'expect', 'proxy-authorization']) {
      assert.deepEqual(valuesOf(echoed, name), [], name);
    }
  });

  it("carries the runtime's User-Agent after the guest's own", async () => {
    assert.deepEqual(valuesOf(await seen('GET / HTTP/1.1\r\n\r\n'), 'user-agent'), ['Olin/test']);
    const both = await seen('GET / HTTP/1.1\r\nUser-Agent: guest/1\r\n\r\n');
    assert.deepEqual(valuesOf(both, 'user-agent'), ['guest/1 Olin/test']);
  });

  it('asks for no User-Agent where the place does not let it be chosen', async () => {
    const asked: (string | null)[] = [];
    const host = new TestHost({
      userAgent: undefined,
      fetch(request) {
        asked.push(request.headers.get('user-agent'));
        return Promise.resolve(new Response('x'));
      },
    });
    await exchange('GET / HTTP/1.1\r\nUser-Agent: guest/1\r\n\r\n', origin, host);
    assert.deepEqual(asked, [null]);
  });
});

describe('which URL a request goes to', () => {
  it('takes the host from the opened URL and the path from the request', async () => {
    const host = new TestHost();
    const echoed = await seen('GET /b HTTP/1.1\r\n\r\n', `${origin}/a?x`, host);
    assert.equal(echoed.url, '/b');
    assert.deepEqual(host.checked, [`${origin}/b`]);
  });

  it('takes the Host header where the URL has none, as older guest libraries do', async () => {
    const host = new TestHost();
    assert.equal(
      (await seen(`GET /x HTTP/1.1\r\nHost: ${authority}\n\n\n`, 'http://', host)).url,
      '/x',
    );
    assert.deepEqual(host.checked, [`${origin}/x`]);
  });

  it('takes a whole URL as the path', async () => {
    assert.equal(
      (await seen(`GET ${origin}/y?z HTTP/1.1\r\nHost: ${authority}\r\n\r\n`, 'http://')).url,
      '/y?z',
    );
    assert.equal((await seen(`GET ${origin} HTTP/1.1\r\n\r\n`)).url, '/');
  });

  it('lets a Host header leave the port out', async () => {
    assert.equal((await seen('GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')).url, '/x');
  });

  it('asks the policy about the normalised URL before anything is sent', async () => {
    let fetched = 0;
    const host = new TestHost({
      fetch() {
        fetched++;
        return Promise.resolve(new Response(''));
      },
    });
    host.forbidden = 'http://example.com/admin';
    const resource = await open('http://example.com/public', host);
    await resource.write(encode('GET /public/../%2e/admin HTTP/1.1\r\n\r\n'));
    await assert.rejects(async () => resource.flush(), PolicyStop);
    assert.equal(fetched, 0);
  });

  it('cannot leave the host through its path', async () => {
    const host = new TestHost({ fetch: () => Promise.resolve(new Response('')) });
    for (const path of ['//evil.example/', '/\\evil.example/', '/@evil.example/', '/:80@evil/']) {
      await exchange(`GET ${path} HTTP/1.1\r\n\r\n`, 'http://good.example', host);
    }
    for (const url of host.checked) assert.equal(new URL(url).host, 'good.example', url);
  });

  const requests: readonly [what: string, url: string, request: string, says: RegExp][] = [
    [
      'another Host than the URL',
      'http://a.example',
      'GET / HTTP/1.1\r\nHost: b.example\r\n\r\n',
      /the URL names a\.example, but the Host header names b\.example/,
    ],
    [
      'another port than the URL',
      'http://a.example:81',
      'GET / HTTP/1.1\r\nHost: a.example:82\r\n\r\n',
      /Name one host/,
    ],
    [
      'another host in the path',
      'http://a.example',
      'GET http://b.example/ HTTP/1.1\r\n\r\n',
      /but the path names b\.example/,
    ],
    [
      'another scheme in the path',
      'http://',
      'GET https://b.example/ HTTP/1.1\r\n\r\n',
      /opened http:/,
    ],
    ['a user in the path', 'http://', 'GET http://u@b.example/ HTTP/1.1\r\n\r\n', /names no host/],
    [
      'no host anywhere',
      'http://',
      'GET / HTTP/1.1\r\n\r\n',
      /Neither the URL nor the request names a host/,
    ],
    [
      'two Host headers',
      'http://',
      'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n',
      /more than one Host/,
    ],
    [
      'a Host with a user',
      'http://',
      'GET / HTTP/1.1\r\nHost: u@a\r\n\r\n',
      /Host header is "u@a"/,
    ],
    [
      'a Host with a path',
      'http://',
      'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n',
      /Host header is "a\/b"/,
    ],
    ['an empty Host', 'http://', 'GET / HTTP/1.1\r\nHost:\r\n\r\n', /Host header is ""/],
    [
      'a path that is none',
      'http://a.example',
      'OPTIONS * HTTP/1.1\r\n\r\n',
      /Begin its path with "\/"/,
    ],
    ['a fragment', 'http://a.example', 'GET /#x HTTP/1.1\r\n\r\n', /never sent/],
    ['CONNECT', 'http://a.example', 'CONNECT / HTTP/1.1\r\n\r\n', /method CONNECT cannot be sent/],
    ['TRACE', 'http://a.example', 'trace / HTTP/1.1\r\n\r\n', /method trace cannot be sent/],
    [
      'a body with GET',
      'http://a.example',
      'GET / HTTP/1.1\r\nContent-Length: 1\r\n\r\na',
      /cannot have a body/,
    ],
  ];
  for (const [what, url, request, says] of requests) {
    it(`refuses ${what}`, async () => {
      const host = new TestHost({ fetch: () => assert.fail('it was sent') });
      const resource = await open(url, host);
      await resource.write(encode(request));
      assert.match(await failure(() => resource.flush(), 'InvalidArgument'), says);
      assert.match(await failure(() => resource.read(1), 'InvalidArgument'), says);
    });
  }

  const urls: readonly [url: string, says: RegExp][] = [
    ['http://user:secret@example.com/', /names a user/],
    ['http:example.com', /lacks the two slashes/],
    ['http:/example.com', /lacks the two slashes/],
    ['http:\\\\example.com', /lacks the two slashes/],
    ['http://exa mple.com', /is no host/],
    ['http://exa\nmple.com', /is no host/],
    ['http://example.com\\@evil.example', /names a user/],
    ['http://example.com\\evil', /is no host/],
    ['http://example.com:99999', /is no host/],
    ['http://[::1', /is no host/],
    ['http://%00', /is no host/],
  ];
  for (const [url, says] of urls) {
    it(`refuses to open ${JSON.stringify(url)}`, async () => {
      const message = await failure(() => open(url), 'InvalidArgument');
      assert.match(message, says);
      assert.doesNotMatch(message, /secret/);
    });
  }
});

describe('an exchange that goes wrong', () => {
  it('a malformed request fails the write, and all that follows', async () => {
    const resource = await open(origin);
    const says = /Hello/;
    assert.match(await failure(() => resource.write(encode('Hello\r\n')), 'InvalidArgument'), says);
    assert.match(await failure(() => resource.write(encode('GET /')), 'InvalidArgument'), says);
    assert.match(await failure(() => resource.flush(), 'InvalidArgument'), says);
    assert.match(await failure(() => resource.read(1), 'InvalidArgument'), says);
  });

  it('a read before the request is complete says what is missing, and spoils nothing', async () => {
    const resource = await open(origin);
    assert.match(
      await failure(() => resource.read(1), 'InvalidArgument'),
      /No request was written/,
    );
    await resource.write(encode('GET /plain HTTP/1.1\r\n'));
    assert.match(await failure(() => resource.read(1), 'InvalidArgument'), /empty line/);
    await resource.write(encode('\r\n'));
    assert.match(await readAll(resource), /plain$/);
  });

  it('a second request needs a second descriptor; the first response stays readable', async () => {
    const resource = await open(origin);
    const request = encode('GET /plain HTTP/1.1\r\n\r\n');
    await resource.write(request);
    await resource.flush();
    assert.match(
      await failure(() => resource.write(request), 'InvalidArgument'),
      /Open the URL again/,
    );
    assert.match(await readAll(resource), /plain$/);
    assert.match(
      await failure(() => resource.write(request), 'InvalidArgument'),
      /Open the URL again/,
    );
  });

  it('no server: UnknownError that says why, without the query', async () => {
    const resource = await open('http://127.0.0.1:1');
    await resource.write(encode('GET /p?token=secret HTTP/1.1\r\n\r\n'));
    const message = await failure(() => resource.flush(), 'UnknownError');
    assert.match(message, /^GET http:\/\/127\.0\.0\.1:1\/p failed: /);
    assert.doesNotMatch(message, /secret/);
    assert.equal(await failure(() => resource.read(1), 'UnknownError'), message);
  });

  it('a response that breaks off: UnknownError after what came', async () => {
    const resource = await open(origin);
    await resource.write(encode('GET /broken HTTP/1.1\r\n\r\n'));
    let text = '';
    const message = await failure(async () => {
      for (;;)
        text += String.fromCharCode(...((await resource.read(4096)) ?? assert.fail('an end')));
    }, 'UnknownError');
    assert.match(text, /half$/);
    assert.match(message, /broke off/);
  });

  it('a redirect that a browser hides is told as such', async () => {
    const hidden = new Response(null);
    Object.defineProperty(hidden, 'type', { value: 'opaqueredirect' });
    const resource = await open(origin, new TestHost({ fetch: () => Promise.resolve(hidden) }));
    await resource.write(encode('GET / HTTP/1.1\r\n\r\n'));
    assert.match(await failure(() => resource.flush(), 'UnknownError'), /browser hides/);
  });

  it('a response without end is cut at the bound', async () => {
    const piece = new Uint8Array(8 * 1024 * 1024);
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(piece),
    });
    const resource = await open(
      origin,
      new TestHost({ fetch: () => Promise.resolve(new Response(body)) }),
    );
    await resource.write(encode('GET / HTTP/1.1\r\n\r\n'));
    const message = await failure(async () => {
      while ((await resource.read(piece.length)) !== null);
    }, 'UnknownError');
    assert.match(message, /more than 67108864 bytes/);
  });

  it('a response from another origin may hide its coding, so its length is not passed on', async () => {
    const cross = new Response('decoded', { headers: { 'content-length': '3' } });
    Object.defineProperty(cross, 'type', { value: 'cors' });
    const { headers, body } = await exchange(
      'GET / HTTP/1.1\r\n\r\n',
      origin,
      new TestHost({ fetch: () => Promise.resolve(cross) }),
    );
    assert.equal(
      headers.some((line) => line.startsWith('content-length')),
      false,
    );
    assert.equal(body, 'decoded');
  });

  it('https is the same, over its own scheme', async () => {
    const host = new TestHost({ fetch: () => Promise.resolve(new Response('x')) });
    const resource = await open('https://example.com', host, httpsScheme);
    await resource.write(encode('GET /a HTTP/1.1\r\nHost: example.com:443\r\n\r\n'));
    await resource.flush();
    assert.deepEqual(host.checked, ['https://example.com/a']);
  });
});
