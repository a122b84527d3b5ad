import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile as compileText } from '../../sdk/wat/compile.ts';
import { guest } from '../conformance/guest.ts';
import {
  compile,
  InputError,
  inspect,
  packFiles,
  parsePolicy,
  run,
  type RunOptions,
} from '../index.ts';
import { loadMetered, toRunnable } from '../module/load.ts';
import { prepareModule } from '../module/prepare.ts';
import { nodePlatform } from '../platform/node.ts';
import { FILES_SECTION } from './packed-files.ts';

const utf8 = new TextEncoder();
const FILES = [
  ['page.html', utf8.encode('<p>Hello</p>')],
  ['parts/head.html', utf8.encode('<title>')],
] as const;

async function build(body: string): Promise<Uint8Array<ArrayBuffer>> {
  const built = await compileText(guest(body, { wasi: true }));
  assert.ok(built.ok, JSON.stringify(built));
  return built.module;
}

/** Runs the module as the server does, after metering and storing it. */
async function runStored(module: Uint8Array<ArrayBuffer>, options: Partial<RunOptions> = {}) {
  inspect(module);
  const { metered, image } = prepareModule(module);
  const loaded = await loadMetered(metered);
  assert.ok(loaded);
  return run(toRunnable(loaded, 'digest', image), { platform: nodePlatform, ...options });
}

/** WebAssembly text that writes up to 100 bytes of a file to the output. */
const show = (directory: number, path: string): string =>
  `(drop (call $path_open #${directory} #0 "${path}" #0 (i64.const 2) (i64.const 0) #0 #8))
   (i32.store #16 #256) (i32.store #20 #100)
   (drop (call $fd_read (i32.load #8) #16 #1 #24)) (call $show #256 (i32.load #24))`;

test('a stored handler reads the files that it was deployed with, and cannot change them', async () => {
  const module = await build(`${show(3, 'parts/head.html')} ${show(3, 'page.html')}
    (call $proc_exit (call $path_unlink_file #3 "page.html"))`);
  const result = await runStored(packFiles(module, { files: FILES, args: [] }));
  assert.deepEqual(
    [result.exit, Buffer.from(result.output).toString()],
    [69, '<title><p>Hello</p>'],
  );
});

test('/tmp is writable, and is empty again in the next run', async () => {
  const module = await build(`
    (local.set $a (call $path_open #4 #0 "x" #5 (i64.const 64) (i64.const 0) #0 #8))
    (drop (call $fd_prestat_dir_name #4 #64 #4)) (call $show #64 #4)
    (call $proc_exit (local.get $a))`);
  const packed = packFiles(module, { files: FILES, args: [] });
  for (const round of [1, 2]) {
    const result = await runStored(packed);
    assert.deepEqual([result.exit, String(Buffer.from(result.output))], [0, '/tmp'], `${round}`);
  }
});

test('file:// reads the same files, subject to policy and bill', async () => {
  const body = `(local.set $fd (call $resource_open "file:///parts/../page.html"))
    (if (i32.gt_s (local.get $fd) #0) (then
      (call $show #256 (call $resource_read (local.get $fd) #256 #100))
      (local.set $a (call $resource_read (local.get $fd) #256 #100))
      (local.set $b (call $resource_write (local.get $fd) #0 #1))))
    (call $runtime_exit (i32.add (i32.mul (local.get $a) #10)
      (i32.add (local.get $b) (call $resource_open "file:///nothing"))))`;
  const packed = packFiles(await build(body), { files: FILES, args: [] });
  const result = await runStored(packed);
  assert.deepEqual([result.exit, String(Buffer.from(result.output))], [-55, '<p>Hello</p>']);
  assert.deepEqual(result.bill.urls, [
    'file:///parts/../page.html',
    'file:///page.html',
    'file:///nothing',
  ]);
  const policy = parsePolicy('disallow ^file:///page');
  assert.equal((await runStored(packed, { policy })).trap?.code, 'policy');
  // A module without files has no file to open.
  assert.equal((await runStored(await build(body))).exit, -4);
});

test('the module’s arguments follow its name, and the caller’s arguments replace them', async () => {
  const module = await build(`(drop (call $args_sizes_get #8 #12)) (drop (call $args_get #16 #64))
    (call $show #64 (i32.load #12))`);
  const packed = packFiles(module, { files: [], args: ['--serve', 'né'] });
  const shown = async (args?: readonly string[]): Promise<string> =>
    String(Buffer.from((await runStored(packed, args === undefined ? {} : { args })).output));
  assert.equal(await shown(), 'main.wasm\0--serve\0né\0');
  assert.equal(await shown(['a.wasm']), 'a.wasm\0--serve\0né\0');
  assert.equal(await shown(['a.wasm', 'own']), 'a.wasm\0own\0');
});

test('packing again replaces the files, and the inspection lists them', async () => {
  const module = await build('(call $show "x")');
  const first = packFiles(module, { files: FILES, args: ['a'] });
  const second = packFiles(first, { files: [['only', utf8.encode('1')]], args: [] });
  assert.deepEqual(inspect(second).files, [{ path: 'only', bytes: 1 }]);
  assert.deepEqual(inspect(first).args, ['a']);
  assert.deepEqual(packFiles(second, { files: [], args: [] }), module);
});

test('an invalid path is refused when it is packed', async () => {
  const module = await build('(call $show "x")');
  for (const path of ['', '/etc/passwd', '../x', 'a//b', 'a/./b', 'x'.repeat(300), 'a\0b']) {
    assert.throws(
      () => packFiles(module, { files: [[path, utf8.encode('')]], args: [] }),
      InputError,
    );
  }
  const twice = [FILES[0], FILES[0]];
  assert.throws(() => packFiles(module, { files: twice, args: [] }), InputError);
});

test('a damaged section is refused with a sentence or changes only the files', async () => {
  const packed = packFiles(await build('(call $show "x")'), { files: FILES, args: ['a'] });
  const start = packed.length - 90;
  assert.ok(String(Buffer.from(packed.subarray(start))).includes(FILES_SECTION));
  for (let at = start; at < packed.length; at++) {
    for (const byte of [0, 1, 0x2f, 0x7f, 0x80, 0xff]) {
      const damaged = packed.slice();
      damaged[at] = byte;
      try {
        inspect(damaged);
      } catch (error) {
        assert.ok(error instanceof InputError, String(error));
      }
    }
  }
  const name = [...utf8.encode(FILES_SECTION)];
  const more = [0, name.length + 4, name.length, ...name, 1, 0, 0];
  assert.throws(() => inspect(Uint8Array.from([...packed, ...more])), /a second section/);
  await compile(packed);
});
