import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import {
  encode,
  held,
  TestHost,
  open,
  readAll,
  exchange,
  seen,
  valuesOf,
  origin,
  authority,
} from './testdata/http-exchange.ts';

describe('the http scheme', () => {
  it('sends what the guest writes, and returns the response as HTTP/1.1, then the end', async () => {
    const { status, headers, body } = await exchange('GET /plain HTTP/1.1\r\n\r\n');
    assert.equal(status, 'HTTP/1.1 200 Fine');
    assert.ok(headers.includes('content-length: 5'));
    assert.equal(body, 'plain');
  });

  it('keeps several Set-Cookie headers separate', async () => {
    const { headers } = await exchange('GET /plain HTTP/1.1\r\n\r\n');
    assert.deepEqual(
      headers.filter((line) => line.startsWith('set-cookie')),
      ['set-cookie: a=1', 'set-cookie: b=2'],
    );
  });

  it('sends method, path, query, headers and a body with Content-Length', async () => {
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

  it('accepts the request in pieces, with flushes in between, and sends it at the first read', async () => {
    const resource = await open(origin);
    for (const piece of ['POST / HT', 'TP/1.1\r\nContent-Le', 'ngth: 3\r\n\r\n', 'a', 'bc']) {
      await resource.write(encode(piece));
      if (piece !== 'bc') await resource.flush();
    }
    assert.match(await readAll(resource), /"body":"abc"/);
  });

  it('returns the response in pieces as small as the guest’s buffer', async () => {
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

  it('decodes a coded body, and drops the headers of the coding', async () => {
    const { headers, body } = await exchange('GET /gzip HTTP/1.1\r\nAccept-Encoding: gzip\r\n\r\n');
    assert.equal(body, 'unpacked');
    assert.equal(
      headers.some((line) => /^content-(?:length|encoding)/.test(line)),
      false,
    );
  });

  it('returns no body for HEAD and 204', async () => {
    const head = await exchange('HEAD /gzip HTTP/1.1\r\n\r\n');
    assert.equal(head.body, '');
    assert.ok(head.headers.includes('content-encoding: gzip'));
    assert.deepEqual((await exchange('GET /nothing HTTP/1.1\r\n\r\n')).body, '');
  });

  it('drops connection headers in both directions', async () => {
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

  it("sends the runtime's User-Agent after the guest's own", async () => {
    assert.deepEqual(valuesOf(await seen('GET / HTTP/1.1\r\n\r\n'), 'user-agent'), ['Olin/test']);
    const both = await seen('GET / HTTP/1.1\r\nUser-Agent: guest/1\r\n\r\n');
    assert.deepEqual(valuesOf(both, 'user-agent'), ['guest/1 Olin/test']);
  });

  it('sets no User-Agent if the platform does not allow it', async () => {
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
