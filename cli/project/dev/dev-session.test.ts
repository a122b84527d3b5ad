/** Tests `trisiel dev` as a process while its sources are edited. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startTrisiel, trisiel } from '../../../test/setup/local-command.ts';

/** One line of `--json`. */
interface Event {
  readonly event: string;
  readonly [field: string]: unknown;
}

interface Dev {
  readonly folder: string;
  readonly url: string;
  /** Waits for the next event with the name; earlier ones are skipped. */
  readonly next: (name: string) => Promise<Event>;
  readonly interrupt: () => Promise<number>;
}

async function startDev(t: TestContext): Promise<Dev> {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-dev-'));
  await trisiel(['init', '.', '--language', 'wat', '--name', 'hello'], { cwd: folder });
  const child = startTrisiel(['dev', '--json', '--port', '0'], { cwd: folder });
  const ended = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true });
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (name: string): Promise<Event> => {
    for (;;) {
      const { value, done } = await lines.next();
      assert.ok(done !== true, `the command ended before ${name}`);
      const event: Event = JSON.parse(value);
      if (event.event === name) return event;
    }
  };
  const { url } = await next('listening');
  return {
    folder,
    url: String(url),
    next,
    async interrupt() {
      child.kill('SIGINT');
      const [code] = await ended;
      return Number(code);
    },
  };
}

const source = (word: string): string => `(module
  (import "cwa" "io_get_stdout" (func $out (result i32)))
  (import "cwa" "io_get_stderr" (func $err (result i32)))
  (import "cwa" "resource_write" (func $write (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "Content-Type: text/plain\\n\\n${word}")
  (data (i32.const 99) "to \\1b[2Jyou")
  (func (export "_start")
    (drop (call $write (call $err) (i32.const 99) (i32.const 10)))
    (drop (call $write (call $out) (i32.const 0) (i32.const ${26 + word.length})))))`;

test('a saved source is served at once; if it does not build, programs get the last module and browsers the error', async (t) => {
  const dev = await startDev(t);
  await dev.next('built');
  assert.equal(await (await fetch(`${dev.url}?name=Ada`)).text(), 'Hello, Ada!\n');
  const main = join(dev.folder, 'main.wat');

  await writeFile(main, source('second'));
  await dev.next('built');
  assert.equal(await (await fetch(dev.url)).text(), 'second');

  await writeFile(main, '(module (func $x <b>))');
  const failed = await dev.next('failed');
  assert.match(String(failed['output']), /^main\.wat:1:18: error: /);
  assert.equal(failed['servesOld'], true);
  const old = await fetch(dev.url);
  assert.equal(await old.text(), 'second');
  assert.equal(old.headers.get('trisiel-build'), 'failed');
  const page = await fetch(dev.url, { headers: { accept: 'text/html,*/*' } });
  assert.equal(page.status, 503);
  const html = await page.text();
  assert.match(html, /hello does not build/);
  assert.match(html, /main\.wat:1:18: error: /);
  assert.ok(!html.includes('<b>'), 'the compiler’s output is shown as text, not as markup');

  await writeFile(main, source('third'));
  await dev.next('built');
  const mended = await fetch(dev.url, { headers: { accept: 'text/html,*/*' } });
  assert.equal(await mended.text(), 'third');
  assert.equal(mended.headers.get('trisiel-build'), null);
});

test('each request is logged with its cost, and Ctrl-C prints the totals', async (t) => {
  const dev = await startDev(t);
  await dev.next('built');
  await writeFile(join(dev.folder, 'main.wat'), source('x'));
  await dev.next('built');
  let gas = 0;
  for (const path of ['?a=1', 'b']) {
    assert.equal((await fetch(dev.url + path)).status, 200);
    const { bill, method, target, status, errorOutput } = await dev.next('request');
    assert.deepEqual([method, target, status], ['GET', `/${path}`, 200]);
    assert.equal(errorOutput, 'to \u001b[2Jyou');
    assert.ok(typeof bill === 'object' && bill !== null && 'gas' in bill);
    gas += Number(bill.gas);
  }
  const ended = dev.next('ended');
  assert.equal(await dev.interrupt(), 130);
  const { requests, failed, gas: sum } = await ended;
  assert.deepEqual([requests, failed, sum], [2, 0, gas]);
});

test('on a terminal each request is one line, and control characters of guests are shown, not executed', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-dev-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'main.wat'), source('x'));
  const child = startTrisiel(['dev', '--port', '0'], { cwd: folder });
  t.after(() => child.kill('SIGKILL'));
  let told = '';
  for await (const text of child.stdout.setEncoding('utf8')) {
    told += text;
    const url = /http:\S+/.exec(told)?.[0];
    if (url !== undefined && /^Built /m.test(told) && !told.includes('GET')) await fetch(url);
    if (told.includes('GET') && told.includes('you')) child.kill('SIGINT');
  }
  assert.match(
    told,
    /^GET \/ {2}200 {2}[\d.]+ [µm]s {2}[\d,]+ gas {2}1 page\n {4}to \^\[\[2Jyou$/m,
  );
  assert.match(told, /^1 request, 0 failed; [\d,]+ gas, .* of runs, at most 1 page of memory\.$/m);
});

test('a foreign page whose host name resolves to this machine can read nothing', async (t) => {
  const dev = await startDev(t);
  await dev.next('built');
  const ask = async (host: string): Promise<number | undefined> => {
    const sent = request(dev.url, { headers: { host } }).end();
    const [response] = await once(sent, 'response');
    response.resume();
    return response.statusCode;
  };
  const { port } = new URL(dev.url);
  assert.equal(await ask(`evil.example:${port}`), 403);
  assert.equal(await ask(`localhost.evil.example:${port}`), 403);
  assert.equal(await ask(`127.0.0.1:${port}`), 200);
  assert.equal(await ask(`hello.localhost:${port}`), 200);
});

test('limits, policy and configuration are the same as on a server', async (t) => {
  const dev = await startDev(t);
  await dev.next('built');
  const loop = '(module (memory (export "memory") 1) (func (export "_start") (loop (br 0))))';
  await writeFile(join(dev.folder, 'main.wat'), loop);
  await dev.next('built');
  const reply = await fetch(dev.url);
  assert.equal(reply.status, 502);
  assert.match(await reply.text(), /gas/);
  const { trap } = await dev.next('request');
  assert.ok(typeof trap === 'object' && trap !== null && 'code' in trap && 'limit' in trap);
  assert.deepEqual([trap.code, trap.limit], ['gas', 33_554_432]);
  // trisiel.toml and the policy are watched too.
  await writeFile(join(dev.folder, 'handler.policy'), 'gas-limit 1000\n');
  await dev.next('built');
  await fetch(dev.url);
  const second = (await dev.next('request'))['trap'];
  assert.ok(typeof second === 'object' && second !== null && 'limit' in second);
  assert.equal(second.limit, 1000);
  await writeFile(join(dev.folder, 'handler.policy'), 'gas-limit none\n');
  assert.match(String((await dev.next('failed'))['message']), /handler\.policy: Line 1, column 11/);
});

test('a build that writes a file next to the sources does not trigger itself forever', async (t) => {
  const dev = await startDev(t);
  await dev.next('built');
  const build = 'date +%s%N > stamp.txt; cp "$MODULE" main.wasm';
  const module = fileURLToPath(new URL('../../../examples/hello/module.wasm', import.meta.url));
  await writeFile(
    join(dev.folder, 'trisiel.toml'),
    `name = "hello"\nbuild = ${JSON.stringify(build.replace('$MODULE', module))}\nmodule = "main.wasm"\n`,
  );
  const ignored = await dev.next('ignored');
  assert.equal(ignored['path'], 'stamp.txt');
  // A source that is saved later is still built.
  await writeFile(join(dev.folder, 'main.wat'), source('third'));
  const built = await dev.next('built');
  assert.deepEqual(built['changed'], ['main.wat']);
});
