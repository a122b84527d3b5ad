import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { ROOT, inTemporaryFolder } from '../../../sdk/toolchain.ts';
import { compile } from '../../../sdk/wat/compile.ts';
import { trisiel, type CommandEnd } from '../../../test/setup/local-command.ts';
import { runTrisiel } from '../../parser/run-trisiel.ts';

const example = (name: string): string => join(ROOT, 'examples', name, 'module.wasm');
const run = (...words: string[]): Promise<CommandEnd> => trisiel(['run', ...words], { cwd: ROOT });

/** Runs an example that prints its environment, and returns what it prints about the variable. */
async function describeVariable(cwd: string, key: string, ...more: string[]): Promise<string> {
  const source = `(module
    (import "cwa" "env_get" (func $get (param i32 i32 i32 i32) (result i32)))
    (import "cwa" "io_get_stdout" (func $out (result i32)))
    (import "cwa" "resource_write" (func $write (param i32 i32 i32) (result i32)))
    (memory (export "memory") 1) (data (i32.const 0) "${key}")
    (func (export "_start") (drop (call $write (call $out) (i32.const 64)
      (call $get (i32.const 0) (i32.const ${key.length}) (i32.const 64) (i32.const 64))))))`;
  const built = await compile(source);
  assert.ok(built.ok);
  await writeFile(join(cwd, 'main.wasm'), built.module);
  const env = { FROM_SHELL: 'shell' };
  const { code, out, err } = await trisiel(['run', 'main.wasm', ...more], { cwd, env });
  return code === 0 ? out : err;
}

test('standard output contains only the program’s output, and the bill is on standard error', async () => {
  const { code, out, err } = await run(example('hello'));
  assert.deepEqual([code, out], [0, 'Hello, world!\n']);
  assert.match(err, /^exit +0\ngas +[\d,]+ instructions\nmemory +1 page \(64 KiB\)$/m);
});

test('a handler that responds with 404, traps or sends an invalid reply gives a distinct exit code', async () => {
  const good = await run(example('json-api'), '--request', 'GET /add?a=1&b=2');
  assert.match(good.out, /^HTTP 200\n(.+\n)+\n\{"a":1,"b":2,"sum":3\}\n$/);
  assert.equal(good.code, 0);
  assert.equal((await run(example('json-api'), '-r', 'GET /none')).code, 7);
  const trapped = await run(example('trap'), 'divide');
  assert.equal(trapped.code, 7);
  assert.match(trapped.err, /\n {4}at /);
  const bad = await run(example('hello'), '-r', 'GET /');
  assert.equal(bad.code, 7);
  assert.match(bad.err, /header/);
});

test('--json prints everything as one object, with binary output in base64', async () => {
  const { out } = await run(example('png'), '-r', 'GET /', '--json');
  const { ok, status, output, outputBase64, bill, headers } = JSON.parse(out);
  assert.deepEqual([ok, status, output], [true, 200, undefined]);
  assert.equal(Buffer.from(outputBase64, 'base64').subarray(1, 4).toString(), 'PNG');
  assert.ok(bill.gas > 0);
  assert.ok(headers.some(([name]: string[]) => name === 'Content-Type'));
});

test('the body is --data, a file, or standard input', () =>
  inTemporaryFolder(async (cwd) => {
    await writeFile(join(cwd, 'body.txt'), 'from a file');
    const echo = example('echo');
    const post = (...more: string[]): Promise<CommandEnd> =>
      trisiel(['run', echo, '-r', 'POST /', ...more], { cwd, input: 'from standard input' });
    assert.match((await post('-d', 'from the line')).out, /from the line/);
    assert.match((await post('--data', '@body.txt')).out, /from a file/);
    assert.match((await post()).out, /from standard input/);
    const lost = await trisiel(['run', echo, '-d', 'x'], { cwd });
    assert.equal(lost.code, 2);
    assert.match(lost.err, /--header and --data require --request/);
  }));

test('the environment comes from trisiel.toml, then --env-file, then --env', () =>
  inTemporaryFolder(async (cwd) => {
    const config = '[config]\nKEY = "toml"\n';
    await writeFile(join(cwd, 'trisiel.toml'), config);
    await writeFile(join(cwd, '.env'), 'KEY="file"\n');
    assert.equal(await describeVariable(cwd, 'KEY'), 'toml');
    assert.equal(await describeVariable(cwd, 'KEY', '--env-file', '.env'), 'file');
    assert.equal(
      await describeVariable(cwd, 'KEY', '--env-file', '.env', '-e', 'KEY=line'),
      'line',
    );
    await writeFile(join(cwd, 'trisiel.toml'), '[config]\nKEY = { env = "FROM_SHELL" }\n');
    assert.equal(await describeVariable(cwd, 'KEY'), 'shell');
    await writeFile(join(cwd, 'trisiel.toml'), '[config]\nKEY = { env = "NOT_SET" }\n');
    assert.match(
      await describeVariable(cwd, 'KEY'),
      /takes its value from NOT_SET, which is not set/,
    );
  }));

test('the limits of the tier apply even if the policy allows more', () =>
  inTemporaryFolder(async (cwd) => {
    await writeFile(join(cwd, 'wide.policy'), 'ram-page-limit 5000\n');
    const large = await compile('(module (memory (export "memory") 600) (func (export "_start")))');
    assert.ok(large.ok);
    await writeFile(join(cwd, 'large.wasm'), large.module);
    const words = ['run', 'large.wasm', '--json', '--policy', 'wide.policy'];
    const { code, out } = await trisiel(words, { cwd });
    const { trap } = JSON.parse(out);
    assert.deepEqual([code, trap.code, trap.limit], [7, 'memory', 512]);
  }));

test('control characters that a guest writes to a terminal are shown, not executed', () =>
  inTemporaryFolder(async (cwd) => {
    const source = `(module
      (import "cwa" "io_get_stdout" (func $out (result i32)))
      (import "cwa" "log_write" (func $log (param i32 i32 i32)))
      (import "cwa" "resource_write" (func $write (param i32 i32 i32) (result i32)))
      (memory (export "memory") 1) (data (i32.const 0) "\\1b]0;owned\\07")
      (func (export "_start") (call $log (i32.const 6) (i32.const 0) (i32.const 10))
        (drop (call $write (call $out) (i32.const 0) (i32.const 10)))))`;
    const built = await compile(source);
    assert.ok(built.ok);
    await writeFile(join(cwd, 'main.wasm'), built.module);
    const terminal = (): PassThrough & { isTTY: true } =>
      Object.assign(new PassThrough(), { isTTY: true as const });
    const [stdout, stderr] = [terminal(), terminal()];
    const stdin = Object.assign(Readable.from([]), { isTTY: true });
    const { signal } = new AbortController();
    const env = { NO_COLOR: '1' };
    await runTrisiel(['run', 'main.wasm'], { stdin, stdout, stderr, env, cwd }, signal);
    assert.equal(String(stdout.read()), '^[]0;owned^G');
    assert.match(String(stderr.read()), /^\[info\] \^\[\]0;owned\^G\n/);
  }));
