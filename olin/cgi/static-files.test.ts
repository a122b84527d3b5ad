import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile as compileText } from '../../sdk/wat/compile.ts';
import { guest } from '../conformance/guest.ts';
import { answer, compile, packFiles, serve, Stop, type CompiledModule } from '../index.ts';
import { nodePlatform } from '../platform/node.ts';

const utf8 = new TextEncoder();
const PAGE = '<!doctype html><p>0123456789</p>';
const LARGE = new Uint8Array(200_000).fill(7);

async function makeSite(): Promise<CompiledModule> {
  const built = await compileText(
    guest('(call $show "Content-Type: text/plain\\n\\nthe guest")', { wasi: true }),
  );
  assert.ok(built.ok);
  const files = [
    ['public/index.html', utf8.encode(PAGE)],
    ['public/sub/index.html', utf8.encode('sub')],
    ['public/ä b.svg', utf8.encode('<svg/>')],
    ['public/large.bin', LARGE],
    ['public/empty.txt', utf8.encode('')],
    ['secret.txt', utf8.encode('not public')],
  ] as const;
  return compile(packFiles(built.module, { files, args: [], static: 'public' }));
}

const site = await makeSite();

async function ask(path: string, init: RequestInit = {}) {
  const served = await serve(site, new Request(`http://a.example${path}`, init), {
    platform: nodePlatform,
  });
  assert.ok(served.ok);
  const text = await served.response.text();
  const { gas, calls } = (await served.result).bill;
  return { status: served.response.status, headers: served.response.headers, text, gas, calls };
}

test('a file is sent with its type, and the guest does not start', async () => {
  const { status, headers, text, gas } = await ask('/');
  assert.deepEqual([status, text, gas], [200, PAGE, 0]);
  assert.equal(headers.get('content-type'), 'text/html; charset=utf-8');
  assert.equal(headers.get('content-length'), String(PAGE.length));
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.match(headers.get('etag') ?? '', /^"[0-9a-f]{64}"$/);
  const named = await ask('/%C3%A4%20b.svg?v=1');
  assert.deepEqual([named.text, named.headers.get('content-type')], ['<svg/>', 'image/svg+xml']);
  assert.equal((await ask('/sub/')).text, 'sub');
  const large = await ask('/large.bin');
  assert.deepEqual([large.text.length, large.gas], [LARGE.length, 0]);
  assert.equal(large.headers.get('content-type'), 'application/octet-stream');
});

test('requests for other paths and with other methods go to the guest', async () => {
  for (const [path, init] of [
    ['/nothing', {}],
    ['/sub', {}],
    ['/secret.txt', {}],
    ['/../secret.txt', {}],
    ['/%2e%2e/secret.txt', {}],
    ['/..%2Fsecret.txt', {}],
    ['/%ff', {}],
    ['/index.html%00', {}],
    ['/', { method: 'POST', body: 'x' }],
    ['/', { method: 'DELETE' }],
  ] as const) {
    const { text, gas } = await ask(path, init);
    assert.equal(text, 'the guest', path);
    assert.ok(gas > 0);
  }
});

test('HEAD has the headers of GET and no body', async () => {
  const { status, headers, text } = await ask('/', { method: 'HEAD' });
  assert.deepEqual([status, text, headers.get('content-length')], [200, '', String(PAGE.length)]);
});

test('a file is not sent again if the caller has the current one', async () => {
  const tag = (await ask('/')).headers.get('etag') ?? '';
  for (const list of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
    const { status, headers, text } = await ask('/', { headers: { 'If-None-Match': list } });
    assert.deepEqual([status, text, headers.get('etag')], [304, '', tag]);
  }
  assert.equal((await ask('/', { headers: { 'If-None-Match': '"other"' } })).status, 200);
  assert.notEqual((await ask('/sub/')).headers.get('etag'), tag);
});

test('a range request gets only those bytes, or a 416 if it is outside the file', async () => {
  const size = PAGE.length;
  const tag = (await ask('/')).headers.get('etag') ?? '';
  for (const [range, status, text, described] of [
    ['bytes=0-4', 206, PAGE.slice(0, 5), `bytes 0-4/${size}`],
    ['bytes=18-', 206, PAGE.slice(18), `bytes 18-${size - 1}/${size}`],
    ['bytes=-4', 206, '</p>', `bytes ${size - 4}-${size - 1}/${size}`],
    ['bytes=0-999999', 206, PAGE, `bytes 0-${size - 1}/${size}`],
    ['bytes=-999999', 206, PAGE, `bytes 0-${size - 1}/${size}`],
    [`bytes=${size}-`, 416, '', `bytes */${size}`],
    ['bytes=-0', 416, '', `bytes */${size}`],
    ['bytes=5-4', 200, PAGE, null],
    ['bytes=0-1,3-4', 200, PAGE, null],
    ['bytes=-', 200, PAGE, null],
    ['lines=0-4', 200, PAGE, null],
    ['bytes=99999999999999999999-', 200, PAGE, null],
  ] as const) {
    const found = await ask('/', { headers: { Range: range } });
    assert.deepEqual(
      [found.status, found.text, found.headers.get('content-range')],
      [status, text, described],
      range,
    );
  }
  const conditional = async (value: string): Promise<number> =>
    (await ask('/', { headers: { Range: 'bytes=0-4', 'If-Range': value } })).status;
  assert.deepEqual([await conditional(tag), await conditional('"old"')], [206, 200]);
  assert.equal((await ask('/empty.txt', { headers: { Range: 'bytes=0-' } })).status, 416);
});

test('files are found below a script name, and sending stops when the caller disconnects', async () => {
  const abort = new Stop();
  const sizes: number[] = [];
  const request = { method: 'GET', url: 'http://a/run/site/large.bin', headers: [], body: null };
  const outcome = await answer(
    site,
    request,
    {
      onHead: ({ status }) => assert.equal(status, 200),
      onBody(chunk) {
        sizes.push(chunk.length);
        // A receiver that transfers its chunk must not detach the file's own bytes.
        structuredClone(chunk.buffer, { transfer: [chunk.buffer] });
        if (sizes.length === 2) abort.abort();
      },
    },
    {
      platform: { ...nodePlatform, copy: (bytes) => bytes.slice() },
      scriptName: '/run/site',
      abort,
    },
  );
  assert.deepEqual([sizes, outcome.result.trap?.code], [[65_536, 65_536], 'cancelled']);
  assert.equal((await ask('/large.bin')).text.length, LARGE.length);
});
