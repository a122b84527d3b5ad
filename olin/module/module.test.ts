import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { compile as compileText } from '../../sdk/wat/compile.ts';
import { compile, InputError, meter } from '../index.ts';

async function build(text: string): Promise<Uint8Array> {
  const built = await compileText(text);
  assert.ok(built.ok, JSON.stringify(built));
  return built.module;
}

async function refusal(bytes: Uint8Array): Promise<string> {
  try {
    await compile(bytes);
  } catch (error) {
    if (error instanceof InputError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('the module was accepted');
}

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const start = '(func (export "_start"))';

/** Builds distinct modules. */
const nth = (n: number): Promise<Uint8Array> => build(`(module (func (export "f${n}")) ${start})`);

suite('the error for a refused module says what to do', () => {
  test('a file that is not WebAssembly', async () => {
    for (const bytes of [
      ascii(''),
      ascii('<!doctype html>'),
      ascii('(module)'),
      ascii('\x7fELF'),
    ]) {
      assert.match(await refusal(bytes), /^not-wasm: .+\.$/);
    }
  });

  test('a module that is cut off', async () => {
    const whole = await build(`(module ${start})`);
    assert.match(await refusal(whole.subarray(0, whole.length - 3)), /^malformed-module: .+\.$/);
  });

  test('an invalid module is refused with the engine’s reason', async () => {
    // _start is declared without results, but leaves a number on the stack.
    const bytes = await build(`(module (func (export "_start") i32.const 7 drop))`);
    bytes[bytes.indexOf(0x1a)] = 0x01;
    assert.match(
      await refusal(bytes),
      /^malformed-module: The module is not valid WebAssembly: .+ Compile it again/,
    );
  });

  test('names of a million characters are shortened in the message', async () => {
    const long = 'n'.repeat(1_000_000);
    for (const text of [
      `(module (func (export "${long}")))`,
      `(module (import "${long}" "${long}" (func)) ${start})`,
      `(module (import "cwa" "${long}" (func)) ${start})`,
    ]) {
      assert.ok((await refusal(await build(text))).length < 1600);
    }
  });

  test('no _start, with what the module exports instead', async () => {
    assert.equal(
      await refusal(await build('(module (func (export "main")) (func (export "add")))')),
      'no-start: The module exports no function _start, which the runtime calls: it exports main, add. If it begins at main, say so: --entry main, or entry = "main" in trisiel.toml.',
    );
    assert.match(
      await refusal(await build('(module)')),
      /it exports no functions\. Export a function _start/,
    );
    assert.match(
      await refusal(await build('(module (memory (export "_start") 1))')),
      /^no-start: .*it exports no function/,
    );
  });

  test('a reactor is a library, and how to build a program', async () => {
    assert.match(
      await refusal(await build('(module (func (export "_initialize")))')),
      /It is a reactor of WASI, which is a library\. Build a command: .+-mexec-model=reactor/,
    );
  });

  test('a main that takes arguments cannot be the start', async () => {
    assert.match(
      await refusal(
        await build('(module (func (export "main") (param i32 i32) (result i32) i32.const 0))'),
      ),
      /Perhaps main should be called _start\. Export a function _start without parameters and results\.$/,
    );
  });

  test('a _start of another type', async () => {
    assert.equal(
      await refusal(
        await build('(module (func (export "_start") (param i32 f64) (result i32) i32.const 0))'),
      ),
      'no-start: The module exports _start as (i32, f64) -> (i32); it must have no parameters, and no results or its exit status, an i32.',
    );
  });

  for (const [what, text, wanted] of [
    [
      'a misspelled function, with the nearest name',
      '(import "cwa" "resource_wirte" (func))',
      /cwa\.resource_wirte, which the runtime does not provide\. Did you mean resource_write\?$/,
    ],
    [
      'a function that resembles no other',
      '(import "env" "do_the_thing" (func))',
      /It has \d+ functions, such as resource_write; the reference lists them\.$/,
    ],
    [
      'a known name in an unknown module',
      '(import "olin" "log_write" (func))',
      /Import it from cwa or env\.$/,
    ],
    [
      'a module built for an obsolete version of WASI',
      '(import "wasi_unstable" "fd_write" (func (param i32 i32 i32 i32) (result i32)))',
      /It was built for another WASI than preview 1 \(wasi_snapshot_preview1\); build it for wasip1/,
    ],
    [
      'a module built by Go',
      '(import "gojs" "runtime.wasmExit" (func (param i32)))',
      /It was built by Go for the browser/,
    ],
    [
      'a module built by wasm-bindgen',
      '(import "wbg" "__wbindgen_throw" (func (param i32 i32)))',
      /It was built by wasm-bindgen/,
    ],
    [
      'a module built by Emscripten for a page',
      '(import "env" "__assert_fail" (func (param i32 i32 i32 i32)))',
      /It was built by Emscripten .+ Link with -sSTANDALONE_WASM/,
    ],
    [
      'an addon of napi-rs, which imports its memory first',
      '(import "env" "memory" (memory 1)) (import "env" "napi_create_function" (func))',
      /the memory env\.memory.+ It is an addon for Node, built by napi-rs/,
    ],
    [
      'a module built with threads, which imports its memory first',
      '(import "env" "memory" (memory 1)) (import "wasi" "thread-spawn" (func (param i32) (result i32)))',
      /the memory env\.memory.+ It was built with the threads of WASI.+ without -pthread\.$/,
    ],
    [
      'a module of AssemblyScript without an abort',
      '(import "env" "abort" (func (param i32 i32 i32 i32)))',
      /AssemblyScript imports it .+ Compile with --use abort=/,
    ],
    [
      'an imported memory',
      '(import "env" "memory" (memory 1))',
      /imports the memory env\.memory, which the runtime does not provide\. Define it in the module instead: link without --import-memory, and without --shared-memory\.$/,
    ],
    [
      'an imported table',
      '(import "env" "table" (table 1 funcref))',
      /imports the table env\.table/,
    ],
    [
      'an imported global',
      '(import "env" "stack" (global (mut i32)))',
      /imports the global env\.stack/,
    ],
  ] as const) {
    test(what, async () => {
      const told = await refusal(await build(`(module ${text} ${start})`));
      assert.match(told, /^unknown-import: The module imports /);
      assert.match(told, wanted);
    });
  }

  test('a function imported with another type, with its real type', async () => {
    assert.equal(
      await refusal(
        await build(`(module (import "cwa" "log_write" (func (param i32 i32))) ${start})`),
      ),
      'bad-import-type: The module imports cwa.log_write as (i32, i32) -> (), but the function is (i32, i32, i32) -> (). Declare it with that type and compile again.',
    );
  });

  test('a module that is already metered, or claims to be', async () => {
    const whole = await build(`(module ${start})`);
    assert.match(await refusal(meter(whole)), /^unknown-import: /);
    const name = ascii('olin.metered');
    const section = [0, name.length + 3, name.length, ...name, 0x7b, 0x7d];
    const forged = new Uint8Array([...whole.subarray(0, 8), ...section, ...whole.subarray(8)]);
    assert.match(await refusal(forged), /^unsupported-feature: This module is metered already/);
  });
});

test('a module is compiled once, and then found in the cache by its bytes', async () => {
  const bytes = await build(`(module (func $once) ${start})`);
  const [first, second] = await Promise.all([compile(bytes), compile(bytes.slice())]);
  assert.equal(first, second);
  assert.equal(await compile(bytes), first);
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes));
  assert.equal(first.digest, Buffer.from(digest).toString('hex'));
});

test('later changes of the caller’s bytes do not affect the module', async () => {
  const bytes = await build(`(module (func $changed) ${start})`);
  const compiling = compile(bytes);
  bytes.fill(0);
  assert.equal((await compiling).report.hasStart, false);
});

test('the cache is limited: the least recently used module is dropped', async () => {
  const first = await compile(await nth(0));
  const second = await compile(await nth(1));
  for (let n = 2; n < 64; n++) await compile(await nth(n));
  assert.equal(
    await compile(await nth(0)),
    first,
    'the first module, still cached, and now the most recently used',
  );
  await compile(await nth(64));
  assert.equal(await compile(await nth(0)), first, 'used again, so kept');
  assert.notEqual(await compile(await nth(1)), second, 'least recently used, so dropped');
});

test('a refused module is refused each time, and is not cached', async () => {
  const bytes = await build('(module)');
  assert.equal(await refusal(bytes), await refusal(bytes));
});

test('garbage-collected objects are refused, because no limit covers the host’s heap', async () => {
  // (module (type (struct)) (func (export "_start")))
  const bytes = Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, 6, 2, 0x5f, 0, 0x60, 0, 0],
    ...[3, 2, 1, 1],
    ...[7, 10, 1, 6, 0x5f, 0x73, 0x74, 0x61, 0x72, 0x74, 0, 0],
    ...[10, 4, 1, 2, 0, 0x0b],
  );
  await assert.rejects(compile(bytes), /garbage-collected objects/);
});
