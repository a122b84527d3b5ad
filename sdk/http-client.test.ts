/** The HTTP client of each language's library, with a simulated network. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compile, run, type Platform } from '../olin/index.ts';
import { nodePlatform } from '../olin/platform/node.ts';
import { LANGUAGES } from './languages.ts';
import { loadToolchain } from './toolchain.ts';

for (const { id, sourceFile, bindings } of LANGUAGES) {
  // Languages without bindings have no HTTP client either.
  if (bindings === undefined) continue;
  const name = sourceFile.replace('main', 'client');
  test(`${name} requests its URL and reads the complete response`, async (t) => {
    const toolchain = await loadToolchain(id);
    const found = await toolchain.find();
    if (found === undefined || !toolchain.accepts(found))
      return t.skip(`needs ${toolchain.wanted}`);
    const source = fileURLToPath(new URL(`testdata/${name}`, import.meta.url));
    const module = await compile(await toolchain.build(source));
    const requested: string[] = [];
    const platform: Platform = {
      ...nodePlatform,
      fetch: (request) => {
        requested.push(`${request.method} ${request.url}`);
        return Promise.resolve(respond(new URL(request.url)));
      },
    };
    const get = async (url: string): Promise<string> => {
      const result = await run(module, { platform, args: ['client', url] });
      assert.equal(result.exit, 0);
      return new TextDecoder().decode(result.output);
    };
    assert.equal(await get('http://site.test/a/b?c=d#e'), '200 GET /a/b?c=d\n');
    assert.equal(await get('http://site.test'), '200 GET /\n');
    assert.equal(await get('https://site.test:8443/large'), `200 ${'x'.repeat(100_000)}\n`);
    assert.equal(await get('http://site.test/missing'), '404 \n');
    assert.equal(await get('no url'), 'none\n');
    assert.deepEqual(requested, [
      'GET http://site.test/a/b?c=d',
      'GET http://site.test/',
      'GET https://site.test:8443/large',
      'GET http://site.test/missing',
    ]);
  });
}

function respond(url: URL): Response {
  if (url.pathname === '/missing') return new Response('', { status: 404 });
  if (url.pathname === '/large') return new Response('x'.repeat(100_000));
  return new Response(`GET ${url.pathname}${url.search}`);
}
