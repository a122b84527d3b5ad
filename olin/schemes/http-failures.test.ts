import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { httpsScheme } from './http.ts';
import {
  encode,
  TestHost,
  open,
  readAll,
  exchange,
  failure,
  origin,
} from './testdata/http-exchange.ts';

describe('a failed exchange', () => {
  it('a malformed request fails the write and all later calls', async () => {
    const resource = await open(origin);
    const says = /Hello/;
    assert.match(await failure(() => resource.write(encode('Hello\r\n')), 'InvalidArgument'), says);
    assert.match(await failure(() => resource.write(encode('GET /')), 'InvalidArgument'), says);
    assert.match(await failure(() => resource.flush(), 'InvalidArgument'), says);
    assert.match(await failure(() => resource.read(1), 'InvalidArgument'), says);
  });

  it('a read before the request is complete reports what is missing, and the exchange can continue', async () => {
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

  it('no server: UnknownError, with the reason but without the query in the log', async () => {
    const resource = await open('http://127.0.0.1:1');
    await resource.write(encode('GET /p?token=secret HTTP/1.1\r\n\r\n'));
    const message = await failure(() => resource.flush(), 'UnknownError');
    assert.match(message, /^GET http:\/\/127\.0\.0\.1:1\/p failed: /);
    assert.doesNotMatch(message, /secret/);
    assert.equal(await failure(() => resource.read(1), 'UnknownError'), message);
  });

  it('a response that ends early: UnknownError after the data received', async () => {
    const resource = await open(origin);
    await resource.write(encode('GET /broken HTTP/1.1\r\n\r\n'));
    let text = '';
    const message = await failure(async () => {
      for (;;)
        text += String.fromCharCode(...((await resource.read(4096)) ?? assert.fail('an end')));
    }, 'UnknownError');
    assert.match(text, /half$/);
    assert.match(message, /ended early/);
  });

  it('a redirect that a browser hides is reported as such', async () => {
    const hidden = new Response(null);
    Object.defineProperty(hidden, 'type', { value: 'opaqueredirect' });
    const resource = await open(origin, new TestHost({ fetch: () => Promise.resolve(hidden) }));
    await resource.write(encode('GET / HTTP/1.1\r\n\r\n'));
    assert.match(await failure(() => resource.flush(), 'UnknownError'), /browsers hide/);
  });

  it('an endless response is cut off at the limit', async () => {
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

  it('a cross-origin response may hide its coding, so its length is omitted', async () => {
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

  it('https works like http', async () => {
    const host = new TestHost({ fetch: () => Promise.resolve(new Response('x')) });
    const resource = await open('https://example.com', host, httpsScheme);
    await resource.write(encode('GET /a HTTP/1.1\r\nHost: example.com:443\r\n\r\n'));
    await resource.flush();
    assert.deepEqual(host.checked, ['https://example.com/a']);
  });
});
