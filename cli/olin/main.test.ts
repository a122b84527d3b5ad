import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { guest } from '../../olin/conformance/guest.ts';
import { compile } from '../../sdk/wat/compile.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
let scratch = '';
before(async () => (scratch = await mkdtemp(join(tmpdir(), 'olin-cli-'))));
after(() => rm(scratch, { recursive: true }));

interface ProcessResult {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

function olin(args: readonly string[], input = ''): Promise<ProcessResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], { cwd: root });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, out, err }));
    child.stdin.end(input);
  });
}

const hello = 'examples/hello/module.wasm';

test('standard output contains only the output of the module', async () => {
  assert.deepEqual(await olin([hello]), { status: 0, out: 'Hello, world!\n', err: '' });
});

test('--trace and --stats print the calls and the bill on standard error', async () => {
  const { out, err } = await olin([hello, '--trace', '--stats']);
  assert.equal(out, 'Hello, world!\n');
  assert.match(err, /^resource_write\(fd: 1, data: "Hello, world!\\n"\) = 14 <[\d.]+ [µm]s>$/m);
  assert.match(err, /^ {2}resource_write +1$/m);
  assert.match(err, /^memory +\d+ pages?/m);
});

test('--profile prints the gas of each function, largest first, and the sum is the gas of the bill', async () => {
  const { out, err } = await olin(['--stats', '--profile', hello]);
  assert.equal(out, 'Hello, world!\n');
  const gas = /^gas +([\d,]+) instructions$/m.exec(err)?.[1] ?? '';
  const rows = Array.from(
    err.matchAll(/^ *([\d,]+) +[\d.]+% {2}(.+)$/gm),
    ([, count = '', name]) => ({
      count: Number(count.replaceAll(',', '')),
      name,
    }),
  );
  assert.equal(
    rows.reduce((sum, { count }) => sum + count, 0),
    Number(gas.replaceAll(',', '')),
  );
  assert.ok(rows.some(({ name }) => name === '~lib/rt/stub/__new'));
  assert.deepEqual(
    rows.map(({ count }) => count),
    rows.map(({ count }) => count).toSorted((a, b) => b - a),
  );
});

test('--inspect prints imports, exports and the verdict, as text and as JSON', async () => {
  const text = await olin(['--inspect', hello]);
  assert.match(text.out, /import {2}cwa\.resource_write {2}function \(i32, i32, i32\) -> i32/);
  assert.match(text.out, /verdict The runtime can run it\./);
  const json: unknown = JSON.parse((await olin(['--inspect', hello, '--json'])).out);
  assert.ok(typeof json === 'object' && json !== null && 'imports' in json);
});

test('--meter writes a module that runs the same', async () => {
  const metered = join(scratch, 'metered.wasm');
  assert.equal((await olin(['--meter', hello, '-o', metered])).status, 0);
  assert.ok((await readFile(metered)).length > 0);
  assert.equal((await olin(['--meter', hello])).status, 64);
});

test('a missing file, a file that is not wasm and an unknown option each get a message and an exit status', async () => {
  const missing = await olin(['nowhere.wasm']);
  assert.deepEqual([missing.status, missing.out], [64, '']);
  assert.match(
    missing.err,
    /^nowhere\.wasm cannot be read: there is no such file\. Check the path\.\n$/,
  );
  const text = await olin(['README.md']);
  assert.equal(text.status, 65);
  assert.match(text.err, /^This is not a WebAssembly module: .*\n$/);
  const option = await olin(['--pollicy', 'x', hello]);
  assert.equal(option.status, 64);
  assert.match(option.err, /^There is no option --pollicy\. Did you mean --policy\?/);
  const none = await olin([]);
  assert.match(none.err, /^Name a module\./);
});

test('an error in a policy names its line and column', async () => {
  const policy = join(scratch, 'bad.policy');
  await writeFile(policy, 'allow (\n  a(b\n)\n');
  const { status, err } = await olin(['--policy', policy, hello]);
  assert.equal(status, 65);
  assert.match(err, /^Line 2, column 3: /);
});

test('a CGI reply without a header is refused, and the message says what to do', async () => {
  const { status, err } = await olin(['--cgi', 'GET /', hello]);
  assert.equal(status, 70);
  assert.match(err, /header/);
  assert.doesNotMatch(err, /\n {4}at /);
});

test('a pipe that is closed early, as by head, prints no error and no stack trace', async () => {
  for (const args of [
    `--cgi 'GET /' examples/events/module.wasm`,
    '--help',
    '--inspect --json examples/lisp/module.wasm',
  ]) {
    const err = await new Promise<string>((resolve, reject) => {
      const line = `"${process.execPath}" "${main}" ${args} | head -1`;
      const child = spawn('/bin/sh', ['-c', line], {
        cwd: root,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let text = '';
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      child.once('error', reject);
      child.once('close', () => resolve(text));
    });
    assert.equal(err, '', args);
  }
});

test('a guest that fails after its response headers is reported with its own trap, not with a stack trace of the CLI', async () => {
  const write = join(scratch, 'late.wasm');
  const begin = '(call $show "Content-Type: text/plain\\n\\nthe beginning")';
  for (const [body, pattern] of [
    [`${begin} unreachable`, /unreachable/],
    [`${begin} (loop $on (br $on))`, /used up its gas/],
    ['(call $show "Content-Type: text/plain\\nContent-Length: 1\\n\\nthe beginning")', /./],
  ] as const) {
    const built = await compile(guest(body));
    assert.ok(built.ok, JSON.stringify(built));
    await writeFile(write, built.module);
    const policy = join(scratch, 'small.policy');
    await writeFile(policy, 'gas-limit 100000\n');
    const { status, out, err } = await olin(['--policy', policy, '--cgi', 'GET /', write]);
    assert.equal(status, 70, err);
    assert.match(out, /^HTTP 200\n/);
    assert.match(err, pattern);
    assert.doesNotMatch(err, /node:internal|file:\/\/\//);
  }
});

test('a failure whose low status bits are 0 exits with 255, because a shell would treat it as success', async () => {
  const path = join(scratch, 'status.wasm');
  for (const [status, shown] of [
    [256, 255],
    [-256, 255],
    [257, 1],
    [3, 3],
    [0, 0],
  ] as const) {
    const built = await compile(guest(`(call $runtime_exit #${status})`));
    assert.ok(built.ok);
    await writeFile(path, built.module);
    assert.equal((await olin([path])).status, shown, String(status));
  }
});

test('--entry starts a module at another export, and without it the error names the option', async () => {
  const path = join(scratch, 'original.wasm');
  const built = await compile('(module (func (export "cwa_main") (result i32) i32.const 9))');
  assert.ok(built.ok);
  await writeFile(path, built.module);
  assert.equal((await olin(['--entry', 'cwa_main', path])).status, 9);
  const refused = await olin([path]);
  assert.equal(refused.status, 65);
  assert.match(refused.err, /say so: --entry cwa_main, or entry = "cwa_main" in trisiel\.toml/);
});

test('--dir gives a program a copy of a folder, and what it writes does not reach the folder', async () => {
  const folder = await mkdtemp(join(scratch, 'given-'));
  await writeFile(join(folder, 'greeting'), 'Good morning.');
  const path = join(scratch, 'reader.wasm');
  const built = await compile(
    guest(
      `(drop (call $path_open #3 #0 "greeting" #0 (i64.const 66) (i64.const 0) #0 #8))
       (i32.store #16 #64) (i32.store #20 #5)
       (drop (call $fd_read (i32.load #8) #16 #1 #24)) (call $show #64 (i32.load #24))
       (drop (call $fd_write (i32.load #8) #16 #1 #24))
       (call $proc_exit (call $path_unlink_file #3 "greeting"))`,
      { wasi: true },
    ),
  );
  assert.ok(built.ok);
  await writeFile(path, built.module);
  assert.deepEqual(await olin(['--dir', folder, path]), { status: 0, out: 'Good ', err: '' });
  assert.equal(await readFile(join(folder, 'greeting'), 'utf8'), 'Good morning.');
  const missing = await olin(['--dir', join(scratch, 'nowhere'), path]);
  assert.equal(missing.status, 64);
  assert.match(missing.err, /^--dir .+nowhere: it cannot be read \(ENOENT\)\.$/m);
  assert.match(
    (await olin(['--dir', `${folder}::data`, path])).err,
    /write it as FOLDER or FOLDER::\/PATH/,
  );
});

test('compiled sources are cached, because compiling them takes half a second per run', async () => {
  const folder = await mkdtemp(join(scratch, 'cache-'));
  const env = { ...process.env, TMPDIR: folder, NODE_COMPILE_CACHE: '' };
  const child = spawn(process.execPath, [main, hello], { cwd: root, env, stdio: 'ignore' });
  await once(child, 'close');
  const [cache = ''] = await readdir(folder);
  assert.equal(cache, 'node-compile-cache');
  const [version = ''] = await readdir(join(folder, cache));
  assert.ok((await readdir(join(folder, cache, version))).length > 50);
});

test('--help lists every option', async () => {
  const { status, out } = await olin(['--help']);
  assert.equal(status, 0);
  for (const option of [
    '--env',
    '--policy',
    '--cgi',
    '--trace',
    '--stats',
    '--profile',
    '--inspect',
    '--meter',
    '--entry',
    '--raw',
    '--dir',
  ]) {
    assert.ok(out.includes(option), option);
  }
});
