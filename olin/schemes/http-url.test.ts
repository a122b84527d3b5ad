import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  encode,
  PolicyStop,
  TestHost,
  open,
  exchange,
  seen,
  failure,
  origin,
  authority,
} from './testdata/http-exchange.ts';

describe('the URL of a request', () => {
  it('has the host of the opened URL and the path of the request', async () => {
    const host = new TestHost();
    const echoed = await seen('GET /b HTTP/1.1\r\n\r\n', `${origin}/a?x`, host);
    assert.equal(echoed.url, '/b');
    assert.deepEqual(host.checked, [`${origin}/b`]);
  });

  it('has the host of the Host header if the opened URL has none, as in older guest libraries', async () => {
    const host = new TestHost();
    assert.equal(
      (await seen(`GET /x HTTP/1.1\r\nHost: ${authority}\n\n\n`, 'http://', host)).url,
      '/x',
    );
    assert.deepEqual(host.checked, [`${origin}/x`]);
  });

  it('may be given as an absolute URL in the request line', async () => {
    assert.equal(
      (await seen(`GET ${origin}/y?z HTTP/1.1\r\nHost: ${authority}\r\n\r\n`, 'http://')).url,
      '/y?z',
    );
    assert.equal((await seen(`GET ${origin} HTTP/1.1\r\n\r\n`)).url, '/');
  });

  it('may differ from the Host header by a missing port', async () => {
    assert.equal((await seen('GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')).url, '/x');
  });

  it('is checked by the policy after normalization, before anything is sent', async () => {
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

  it('cannot have another host because of its path', async () => {
    const host = new TestHost({ fetch: () => Promise.resolve(new Response('')) });
    for (const path of ['//evil.example/', '/\\evil.example/', '/@evil.example/', '/:80@evil/']) {
      await exchange(`GET ${path} HTTP/1.1\r\n\r\n`, 'http://good.example', host);
    }
    for (const url of host.checked) assert.equal(new URL(url).host, 'good.example', url);
  });

  const requests: readonly [what: string, url: string, request: string, says: RegExp][] = [
    [
      'a Host header that differs from the URL',
      'http://a.example',
      'GET / HTTP/1.1\r\nHost: b.example\r\n\r\n',
      /the URL names a\.example, but the Host header names b\.example/,
    ],
    [
      'a port that differs from the URL',
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
    ['a user in the path', 'http://', 'GET http://u@b.example/ HTTP/1.1\r\n\r\n', /has no host/],
    [
      'no host anywhere',
      'http://',
      'GET / HTTP/1.1\r\n\r\n',
      /Neither the URL nor the request names a host/,
    ],
    [
      'two Host headers that differ',
      'http://',
      'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
      /more than one Host header, and they differ/,
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
      'a path without a slash',
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
    ['http://user:secret@example.com/', /contains a user name/],
    ['http:example.com', /lacks the two slashes/],
    ['http:/example.com', /lacks the two slashes/],
    ['http:\\\\example.com', /lacks the two slashes/],
    ['http://exa mple.com', /is not a host/],
    ['http://exa\nmple.com', /is not a host/],
    ['http://example.com\\@evil.example', /contains a user name/],
    ['http://example.com\\evil', /is not a host/],
    ['http://example.com:99999', /is not a host/],
    ['http://[::1', /is not a host/],
    ['http://%00', /is not a host/],
  ];
  for (const [url, says] of urls) {
    it(`refuses to open ${JSON.stringify(url)}`, async () => {
      const message = await failure(() => open(url), 'InvalidArgument');
      assert.match(message, says);
      assert.doesNotMatch(message, /secret/);
    });
  }
});
