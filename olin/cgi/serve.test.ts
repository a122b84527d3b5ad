import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nodePlatform } from '../platform/node.ts';
import { encode, faultOf, HEADER, responseOf, serveGuest } from './testdata/serve-guest.ts';

describe('serve', () => {
  it('turns the output of the guest into a response', async () => {
    const served = await serveGuest(({ print }) =>
      print(
        'Status: 418 Teapot\nSet-Cookie: a=1\nSet-Cookie: b=2\nContent-Type: text/plain\n\nshort and stout',
      ),
    );
    assert.ok(served.ok);
    const { response, headers, result } = served;
    assert.deepEqual([response.status, response.statusText], [418, 'Teapot']);
    assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2']);
    assert.deepEqual(headers, [
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['Content-Type', 'text/plain'],
    ]);
    assert.equal(await response.text(), 'short and stout');
    assert.equal((await result).exit, 0);
  });

  it('sets the CGI variables, which the configured environment cannot override', async () => {
    const response = await responseOf(
      serveGuest(
        ({ env, print }) =>
          print(
            HEADER +
              [
                env('PATH_INFO'),
                env('REMOTE_ADDR'),
                env('GREETING'),
                env('HTTP_AUTHORIZATION'),
              ].join(),
          ),
        new Request('http://x/run/f/rest', { headers: { authorization: 'Bearer t' } }),
        {
          scriptName: '/run/f',
          remoteAddress: '192.0.2.1',
          passAuthorization: true,
          env: { GREETING: 'hi', PATH_INFO: '/forged' },
        },
      ),
    );
    assert.equal(await response.text(), '/rest,192.0.2.1,hi,Bearer t');
  });

  it('rejects a script name that is not a prefix of the path', async () => {
    await assert.rejects(
      serveGuest(() => Promise.resolve(), undefined, { scriptName: '/other' }),
      TypeError,
    );
  });

  it('streams the request in and the response out while the guest runs', async () => {
    const input = new TransformStream<Uint8Array, Uint8Array>();
    const writer = input.writable.getWriter();
    const init = { method: 'POST', body: input.readable, duplex: 'half' };
    const request = new Request('http://x/', init);
    const response = await responseOf(
      serveGuest(async ({ options, print }) => {
        await print(HEADER);
        assert.ok(options.stdin instanceof ReadableStream);
        for await (const chunk of options.stdin)
          await print(new TextDecoder().decode(chunk).toUpperCase());
      }, request),
    );
    assert.ok(response.body !== null);
    const reader = response.body.getReader();
    // Each response part arrives before the next request part is sent: nothing waits for the end.
    for (const word of ['one', 'two', 'three']) {
      const [{ value }] = await Promise.all([reader.read(), writer.write(encode(word))]);
      assert.equal(new TextDecoder().decode(value), word.toUpperCase());
    }
    await writer.close();
    assert.equal((await reader.read()).done, true);
  });

  it('makes the guest wait for a slow reader', async () => {
    const piece = 'x'.repeat(16_384);
    let written = 0;
    const response = await responseOf(
      serveGuest(async ({ print }) => {
        await print(HEADER);
        for (; written < 100; written++) await print(piece);
      }),
    );
    for (let turns = 0; turns < 50; turns++) await nodePlatform.turn();
    assert.ok(written < 8, `${written} pieces of 16 KiB were accepted without a reader`);
    assert.equal((await response.arrayBuffer()).byteLength, 100 * 16_384);
  });

  it('does not make a guest wait if it cannot be suspended', async () => {
    const request = new Request('http://x/', { method: 'POST', body: 'abc' });
    const response = await responseOf(
      serveGuest(
        async ({ options, env }) => {
          assert.ok(options.stdin instanceof Uint8Array);
          const header = `${HEADER}${env('CONTENT_LENGTH')} ${new TextDecoder().decode(options.stdin)} `;
          assert.equal(options.stdout?.(encode(header)), undefined);
          assert.equal(options.stdout?.(encode('x'.repeat(300_000))), undefined);
        },
        request,
        { platform: { ...nodePlatform, canSuspend: false } },
      ),
    );
    assert.match(await response.text(), /^3 abc x+$/);
  });

  it('stops the guest when the reader cancels', async () => {
    const served = await serveGuest(async ({ print }) => {
      await print(HEADER);
      for (;;) await print('again and again\n'.repeat(1000));
    });
    assert.ok(served.ok);
    await served.response.body?.cancel();
    assert.equal((await served.result).trap?.code, 'cancelled');
  });

  it("stops the guest when the caller's signal aborts", async () => {
    const abort = new AbortController();
    const served = serveGuest(() => new Promise(() => {}), undefined, { signal: abort.signal });
    setImmediate(() => abort.abort());
    assert.deepEqual(await faultOf(served), { code: 'trap', message: 'cancelled' });
  });

  it('has no body for HEAD and for statuses without one', async () => {
    const head = await responseOf(
      serveGuest(
        ({ print }) => print(`${HEADER}hello`),
        new Request('http://x/', { method: 'HEAD' }),
      ),
    );
    assert.deepEqual([head.status, head.body], [200, null]);
    for (const status of [204, 205, 304]) {
      const response = await responseOf(serveGuest(({ print }) => print(`Status: ${status}\n\n`)));
      assert.deepEqual([response.status, response.body], [status, null]);
    }
  });

  it('returns an empty body if the reply has none', async () => {
    const response = await responseOf(
      serveGuest(({ print }) => print('Status: 404 Not Found\n\n')),
    );
    assert.deepEqual([response.status, await response.text()], [404, '']);
  });
});
