/** The web origin over real HTTP: headers, caching, missing pages, a port in use. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request, createServer, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { compressSite } from '../../scripts/compress.ts';
import { buildWebApp } from '../../server/web/app.ts';

const RUN_ORIGIN = 'http://127.0.0.1:4001';
const PAGE = `<!doctype html><title>page</title>${'<p>text</p>'.repeat(200)}`;
const SCRIPT = `export const answer = 42;${'// filler\n'.repeat(200)}`;

const siteDir = await mkdtemp(join(tmpdir(), 'trisiel-web-'));
let stop = (): Promise<void> => Promise.resolve();
let port = 0;

before(async () => {
  await mkdir(join(siteDir, '_astro'));
  await mkdir(join(siteDir, 'start'));
  const files = {
    'index.html': PAGE,
    'start/index.html': PAGE,
    '404.html': '<!doctype html><title>Not found</title>',
    '_astro/page.a1b2c3.js': SCRIPT,
    'csp.json': JSON.stringify({ scripts: ["'sha256-AAAA'", "'sha256-BBBB'"] }),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(siteDir, name), text);
  await compressSite(siteDir);
  const web = await buildWebApp({ siteDir, runOrigin: RUN_ORIGIN });
  stop = () => web.close();
  port = Number(new URL(await web.listen({ port: 0, host: '127.0.0.1' })).port);
});
after(async () => {
  await stop();
  await rm(siteDir, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Does not use fetch, which would decompress and normalize the path. */
function get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

test('every response has the strict headers: pages, scripts, and missing files', async () => {
  for (const path of ['/', '/start/', '/_astro/page.a1b2c3.js', '/nowhere/', '/%zz']) {
    const { headers } = await get(path);
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin', path);
    assert.equal(headers['cross-origin-embedder-policy'], 'require-corp', path);
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin', path);
    assert.equal(headers['x-content-type-options'], 'nosniff', path);
    assert.ok(headers['content-security-policy'], path);
  }
});

test('scripts run only by hash or from this origin, and only the run origin may be called', async () => {
  const { headers } = await get('/');
  const policy = new Map(
    String(headers['content-security-policy'])
      .split('; ')
      .map((directive) => {
        const [name = '', ...sources] = directive.split(' ');
        return [name, sources] as const;
      }),
  );
  assert.deepEqual(policy.get('script-src'), [
    "'self'",
    "'wasm-unsafe-eval'",
    "'sha256-AAAA'",
    "'sha256-BBBB'",
  ]);
  assert.deepEqual(policy.get('default-src'), ["'self'"]);
  assert.deepEqual(policy.get('connect-src'), ["'self'", 'data:', RUN_ORIGIN]);
  assert.deepEqual(policy.get('object-src'), ["'none'"]);
  assert.deepEqual(policy.get('base-uri'), ["'none'"]);
  assert.deepEqual(policy.get('frame-ancestors'), ["'none'"]);
  assert.deepEqual(policy.get('worker-src'), ["'self'"]);
});

test('pages are served with and without compression, as the browser requests', async () => {
  const plain = await get('/start/');
  assert.deepEqual([plain.status, plain.headers['content-encoding']], [200, undefined]);
  assert.match(plain.headers['content-type'] ?? '', /^text\/html; charset=utf-8$/i);
  assert.equal(plain.body.toString(), PAGE);
  const gzip = await get('/start/', { 'accept-encoding': 'gzip' });
  assert.equal(gzip.headers['content-encoding'], 'gzip');
  assert.equal(gunzipSync(gzip.body).toString(), PAGE);
  const brotli = await get('/start/', { 'accept-encoding': 'gzip, deflate, br' });
  assert.equal(brotli.headers['content-encoding'], 'br');
  assert.equal(brotliDecompressSync(brotli.body).toString(), PAGE);
  assert.match(brotli.headers['vary'] ?? '', /accept-encoding/i);
});

test('files with a digest in their name are cached forever, and pages are revalidated', async () => {
  const script = await get('/_astro/page.a1b2c3.js', { 'accept-encoding': 'br' });
  assert.equal(script.headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.match(script.headers['content-type'] ?? '', /^(text|application)\/javascript/);
  const page = await get('/');
  assert.equal(page.headers['cache-control'], 'no-cache');
  const etag = page.headers['etag'];
  assert.ok(etag);
  const again = await get('/', { 'if-none-match': etag });
  assert.deepEqual([again.status, again.body.length], [304, 0]);
});

test('a missing page gets the 404 page with status 404', async () => {
  for (const path of ['/nowhere/', '/_astro/gone.js', '/package.json', '//start/', '/a%00b']) {
    const { status, headers, body } = await get(path);
    assert.equal(status, 404, path);
    assert.match(headers['content-type'] ?? '', /^text\/html/, path);
    assert.equal(headers['cache-control'], 'no-cache', path);
    assert.match(body.toString(), /<title>Not found/, path);
  }
});

test('no path leads outside of the site', async () => {
  await writeFile(`${siteDir}-secret`, 'secret');
  const name = `${basename(siteDir)}-secret`;
  for (const path of [`/../${name}`, `/..%2f${name}`, `/start/../../${name}`, `/%2e%2e/${name}`]) {
    const { status, body } = await get(path);
    assert.equal(status, 404, path);
    assert.doesNotMatch(body.toString(), /secret/, path);
  }
  await rm(`${siteDir}-secret`);
});

test('an invalid address gets a 400 with the reason', async () => {
  const { status, headers, body } = await get('/%zz');
  assert.equal(status, 400);
  assert.match(headers['content-type'] ?? '', /^application\/problem\+json/);
  assert.match(body.toString(), /"status":400.*could not be understood/);
});

test('the error for a port in use says what to do', async () => {
  const other = createServer();
  const busy = await new Promise<number>((resolve) => {
    other.listen(0, '127.0.0.1', () => {
      const address = other.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  const program = `
    import { fastify } from 'fastify';
    import { listen } from './server/process/supervisor/listen.ts';
    await listen(fastify(), { port: ${busy}, variable: 'RUN_PORT' });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: new URL('../..', import.meta.url),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => (told += String(chunk)));
  const code = await new Promise((resolve) => child.once('close', resolve));
  other.close();
  assert.equal(code, 1);
  assert.equal(
    told,
    `Port ${busy} is in use. Stop what uses it, or choose another: RUN_PORT=${busy + 10} npm start\n`,
  );
});
