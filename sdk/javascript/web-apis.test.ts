/** Compares the web APIs of handlers with those of Node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from './testdata/http-server.ts';
import { ask, evaluate } from './testdata/ask.ts';
import { same } from './testdata/same.ts';

const FIELDS =
  "['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash']";

const URLS: readonly (readonly [string, string?])[] = [
  ['http://example.com'],
  ['HTTPS://User:Pa%20ss@EXAMPLE.com:443/a/./b/../c?q=1&r#frag ment'],
  ['http://example.com:8080\\back\\slash?x=\'"<>`#`'],
  [' \t\nhttp://exa\nmple.com/a b/ü?ü#ü '],
  ['//other.test/x', 'https://example.com/a/b?c#d'],
  ['../up?x', 'https://example.com/a/b/c/d'],
  ['?only', 'https://example.com/a/b?c#d'],
  ['#only', 'https://example.com/a/b?c#d'],
  ['', 'https://example.com/a/b?c#d'],
  ['/abs/%2e%2E/x/%2e', 'https://u:p@example.com:1/a'],
  ['http:relative', 'http://example.com/a/b'],
  ['http:/one', 'https://example.com/a/b'],
  ['http:///three'],
  ['mailto:someone@example.com?subject=a b#f'],
  ['data:text/plain,hi there?a#b'],
  ['javascript:alert(1) '],
  ['foo://host:80/p?q#f'],
  ['foo:/a/../b//c'],
  ['foo:a', 'foo://host/x/y'],
  ['web+demo:/.//not-a-host/'],
  ['file:///etc/../passwd'],
  ['file://localhost/x'],
  ['file:x', 'file:///a/b'],
  ['http://0x7f.1/'],
  ['http://256/'],
  ['http://256.1.1.1/'],
  ['http://1.2.3.4.5/'],
  ['http://010.1/'],
  ['http://[::1]:3000/'],
  ['http://[2001:db8:0:0:1:0:0:1]/'],
  ['http://[::ffff:1.2.3.4]/'],
  ['http://[1:2:3]/'],
  ['http://[::1/'],
  ['http://bücher.example/'],
  ['http://faß.ExAmPlE/'.replace('ß', 'ss')],
  ['http://日本語.jp/パス'],
  ['http://a b/'],
  ['http://a%41.com/'],
  ['http://a%zz.com/'],
  ['http://example.com:99999/'],
  ['http://example.com:x/'],
  ['http://user@/'],
  ['http://'],
  ['https://example.com:80/'],
  ['http://example.com:80/'],
  ['http://a.test/x//y/;p?a=b%20c&d'],
  ['http://127.0.0.1:4001/run/x/?name=Ada'],
  ['http://1.2.3/'],
  ['http://1.2.3.04/'],
  ['http://a.1/'],
  ['http://-a.b-/'],
  ['http://a..b/'],
  ['http://.a/'],
  ['http://a:/'],
  ['http://a:08/x'],
  ['http://a:65536/'],
  ['http://a/%2e./x/%2E'],
  ['http://a/.x/%2x'],
  ['http://a?'],
  ['http://a/?'],
  ["http://a/'?x='"],
  ['not a url'],
  ['blob:https://example.com/id'],
  ['http://example.com/%7Efoo/{x}|y^z'],
  ['http://example.com./a;b=c'],
];

test('URLs are parsed as in Node', async () => {
  await same(
    `${JSON.stringify(URLS)}.map(([url, base]) => { try { const parsed = new URL(url, base); return ${FIELDS}.map((name) => parsed[name]) } catch (error) { return error.name } })`,
  );
});

test('the parts of a URL can be set as in Node', async () => {
  const changes = [
    ['protocol', 'http'],
    ['protocol', 'mailto:'],
    ['username', 'a b:c'],
    ['password', 'p@ss'],
    ['host', 'other.test:81'],
    ['host', 'bad host'],
    ['hostname', '[::2]'],
    ['port', '8080abc'],
    ['port', '443'],
    ['port', ''],
    ['pathname', 'a/../b?c#d'],
    ['search', '?x=1 2#3'],
    ['search', ''],
    ['hash', 'new part'],
    ['hash', ''],
    ['href', 'http://whole.test/?y'],
  ];
  await same(
    `${JSON.stringify(changes)}.map(([name, value]) => { const url = new URL('https://u:p@example.com:444/path?q=1#h'); url[name] = value; return url.href })`,

    `(() => { const url = new URL('http://x/?a=1&a=2&b=%20+c'); const { searchParams: p } = url; const seen = [...p]; p.append('d', 'ä&='); p.delete('a'); p.set('b', '1'); p.sort(); const out = [seen, url.href, p.size, p.get('b'), p.getAll('none'), p.has('d'), String(new URLSearchParams({ x: '1', y: '~*-._ !' })), String(new URLSearchParams([['k', 'v'], ['k', 'w']]))]; url.search = '?z=1'; return [...out, [...p.keys()]] })()`,
  );
});

test('text is encoded and decoded as in Node', async () => {
  await same(
    `Array.from(new TextEncoder().encode('aä€😀\\ud800b'))`,

    `[[0x61, 0xff, 0x62], [0xe2, 0x82], [0xf0, 0x9f, 0x98, 0x80], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xef, 0xbb, 0xbf, 0x41], [0xf4, 0x90, 0x80, 0x80, 0x7a], []].map((bytes) => new TextDecoder().decode(new Uint8Array(bytes)))`,

    `(() => { const decoder = new TextDecoder(); let text = ''; for (const byte of new TextEncoder().encode('ä€😀x')) text += decoder.decode(new Uint8Array([byte]), { stream: true }); return text + decoder.decode() })()`,

    `(() => { try { new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])) } catch (error) { return error.name } })()`,

    `[btoa('hello\\xff'), atob(' aGVsbG8= '), new TextEncoder().encodeInto('a€b', new Uint8Array(4))]`,
  );
});

test('digests equal those of Node, for lengths around a block boundary', async () => {
  await same(
    `(await Promise.all(['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'].flatMap((name) => [0, 1, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, 1000].map(async (n) => [...new Uint8Array(await crypto.subtle.digest(name, new Uint8Array(n).fill(n)))].join())))).join()`,
  );
  assert.match(
    String(await evaluate('crypto.randomUUID()')),
    /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
  );
  assert.equal(
    await evaluate('new Set(crypto.getRandomValues(new Uint8Array(256))).size > 100'),
    true,
  );
});

test('headers, requests and responses behave as in Node', async () => {
  await same(
    `(() => { const h = new Headers([['B', '2'], ['a', ' 1 '], ['b', '3'], ['Set-Cookie', 'x'], ['Set-Cookie', 'y']]); h.delete('none'); return [[...h], h.get('B'), h.getSetCookie(), h.has('A'), [...new Headers({ X: '1' }).keys()]] })()`,

    `[['a b', '1'], ['x', 'a\\nb'], ['x', '\\u0100'], ['', '1']].map(([name, value]) => { try { new Headers([[name, value]]); return 'accepted' } catch (error) { return error.name } })`,

    `await (async () => { const r = new Request('http://x/a#b', { method: 'post', body: new URLSearchParams({ a: 'b c' }), headers: { X: '1' } }); const c = r.clone(); return [r.method, r.url, r.headers.get('content-type'), await r.text(), r.bodyUsed, await c.text(), new Request(new Request('http://x/')).method] })()`,

    `await (async () => { const r = Response.json({ a: 1 }, { status: 201, headers: { X: 'y' } }); return [r.status, r.ok, r.headers.get('content-type'), await r.clone().json(), await r.text(), r.bodyUsed, await r.text().catch((error) => error.name), Response.redirect('http://x/', 301).headers.get('location'), new Response(null, { status: 204 }).body, Array.from(await new Response(new Uint8Array([1, 2])).bytes())] })()`,

    `[() => new Response('x', { status: 204 }), () => new Response('', { status: 99 }), () => new Request('relative'), () => new Request('http://x/', { body: 'x' }), () => new Request('http://x/', { method: 'TRACE' }), () => Response.redirect('http://x/', 200)].map((make) => { try { make(); return 'accepted' } catch (error) { return error.name } })`,
  );
});

test('streams behave as in Node', async () => {
  await same(
    `await (async () => { const [a, b] = ReadableStream.from([1, 2, 3]).tee(); const read = async (s) => { const all = []; for await (const x of s) all.push(x); return all }; return [await read(a), await read(b), await new Response(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('x')); c.close() } })).text()] })()`,

    `await (async () => { const seen = []; const doubled = ReadableStream.from([1, 2, 3, 4]).pipeThrough(new TransformStream({ transform(x, c) { if (x % 2) c.enqueue(x * 2) }, flush(c) { c.enqueue('end') } })); await doubled.pipeTo(new WritableStream({ write(x) { seen.push(x) }, close() { seen.push('closed') } })); return seen })()`,

    `await (async () => { const t = new TransformStream(); const w = t.writable.getWriter(); const all = []; const reading = (async () => { for await (const x of t.readable) all.push(x) })(); await w.write('a'); await w.write('b'); await w.close(); await reading; return all })()`,

    `await (async () => { let why; const s = new ReadableStream({ pull(c) { c.enqueue(1) }, cancel(r) { why = r } }); for await (const x of s) break; const e = new ReadableStream({ start(c) { c.error(new RangeError('x')) } }); return [why === undefined, s.locked, await e.getReader().read().catch((error) => error.name)] })()`,
  );
});

test('values are cloned, events are dispatched and signals abort as in Node', async () => {
  await same(
    `(() => { const source = { d: new Date(5), m: new Map([[1, { x: 1 }]]), s: new Set([1]), a: [1, , 3], b: new Uint16Array([1, 2]), e: new RangeError('r'), r: /x/gi }; source.self = source; const c = structuredClone(source); return [c.self === c, c !== source, c.d.getTime(), c.m.get(1).x, c.s.has(1), c.a.length, 1 in c.a, c.b.join(), c.e.name, c.e.message, c.e instanceof RangeError, String(c.r)] })()`,

    `[() => {}, Symbol('x'), { f() {} }].map((value) => { try { structuredClone(value) } catch (error) { return error.name } })`,

    `(() => { const t = new EventTarget(); const seen = []; t.addEventListener('x', (e) => seen.push(e.type)); t.addEventListener('x', { handleEvent: () => seen.push('object') }, { once: true }); t.dispatchEvent(new Event('x')); t.dispatchEvent(new Event('x')); const c = new AbortController(); c.signal.addEventListener('abort', () => seen.push(c.signal.reason.name)); c.abort(); c.abort(); const any = AbortSignal.any([AbortSignal.abort(new Error('why'))]); return [seen, c.signal.aborted, any.reason.message] })()`,
  );
});

test('fetch follows redirects without sending credentials to another origin, and streams the response', async () => {
  const server = await startServer();
  try {
    const { origin } = server;
    const code = (expression: string): string =>
      `export default { async fetch(request) { const origin = ${JSON.stringify(origin)}; return Response.json(${expression}) } }`;
    const value = async (expression: string): Promise<unknown> => {
      const { body, log } = await ask(code(expression));
      assert.deepEqual(
        log.map(({ text }) => text),
        [],
      );
      return JSON.parse(body);
    };
    assert.deepEqual(
      await value(
        `await (await fetch(origin + '/echo?a=b#c', { method: 'POST', body: 'ä', headers: { 'X-Own': '1' } })).json()`,
      ),
      { method: 'POST', url: '/echo?a=b', own: '1', type: 'text/plain;charset=UTF-8', body: 'ä' },
    );
    assert.deepEqual(
      await value(
        `await fetch(origin + '/redirect', { method: 'POST', body: 'x' }).then(async (r) => [r.status, r.redirected, r.url === origin + '/echo', (await r.json()).method])`,
      ),
      [200, true, true, 'GET'],
    );
    assert.deepEqual(
      await value(
        `await fetch(origin + '/redirect', { redirect: 'manual' }).then((r) => [r.status, r.headers.get('location')])`,
      ),
      [302, '/echo'],
    );
    // Another host name is another origin, although the server is the same.
    const other = origin.replace('127.0.0.1', 'localhost');
    const sent = `{ authorization: 'Bearer s', cookie: 's=1', 'proxy-authorization': 'Basic s', 'x-own': '1' }`;
    const follow = (first: string, target: string): Promise<unknown> =>
      value(
        `await (await fetch(${JSON.stringify(`${first}/to?${encodeURIComponent(target)}`)}, { headers: ${sent} })).json()`,
      );
    // Node's own fetch sends no Proxy-Authorization.
    assert.deepEqual(await follow(origin, '/headers'), ['authorization', 'cookie', 'x-own']);
    assert.deepEqual(await follow(origin, `${other}/headers`), ['x-own']);
    assert.match(
      String(
        await value(
          `await fetch(origin + '/to?' + encodeURIComponent(${JSON.stringify(origin.replace('//', '//user:pw@'))})).catch((error) => error.message)`,
        ),
      ),
      /a URL with a user name or a password/,
    );
    assert.equal(
      await value(
        `await (async () => { let n = 0; for await (const part of (await fetch(origin + '/large')).body) n += part.length; return n })()`,
      ),
      300_000,
    );
    assert.match(
      String(await value(`await fetch(origin + '/loop').catch((error) => error.message)`)),
      /more than 20 redirects/,
    );
    assert.match(
      String(await value(`await fetch('ftp://x/').catch((error) => error.message)`)),
      /no ftp: here/,
    );
    assert.equal(
      await value(
        `await fetch(origin, { signal: AbortSignal.abort() }).catch((error) => error.name)`,
      ),
      'AbortError',
    );
  } finally {
    await server.stop();
  }
});

test('console formats values for people', async () => {
  const { log } = await ask(
    `export default { fetch() { class P { x = 1 } console.log({ s: 'a', n: null, f() {}, p: new P(), d: new Date(0), deep: { a: { b: { c: 1 } } }, big: 1n, neg: -0 }, [undefined, Symbol('q')], new Uint8Array([1, 2])); return new Response() } }`,
  );
  assert.equal(
    log[0]?.text,
    `{ s: "a", n: null, f: [Function: f], p: P { x: 1 }, d: 1970-01-01T00:00:00.000Z, deep: { a: { b: [Object] } }, big: 1n, neg: -0 } [undefined, Symbol(q)] Uint8Array(2) [ 1, 2 ]`,
  );
});
