import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile as compileWat } from '../../sdk/wat/compile.ts';
import { compile, run, type CompiledModule, type RunOptions, type RunResult } from '../index.ts';
import { GuestBuffer, GuestMemory } from './memory.ts';
import { nodePlatform } from '../platform/node.ts';
import { sharedPool } from '../wasm/host/memory-pool.ts';

/** Reports by its exit status which state of an earlier run it found, then changes all state it can reach. */
const NOSY = `(module
  (import "cwa" "runtime_exit" (func $exit (param i32)))
  (import "cwa" "io_get_stdout" (func $out (result i32)))
  (import "cwa" "resource_write" (func $write (param i32 i32 i32) (result i32)))
  (import "cwa" "startup_arg_len" (func $args (result i32)))
  (memory (export "memory") 2)
  (global $mark (mut i32) (i32.const 0))
  (table $table 4 funcref)
  (elem declare func $f)
  (func $f)
  (func (export "_start") (local $at i32)
    (if (global.get $mark) (then (call $exit (i32.const 1))))
    (if (i32.eqz (ref.is_null (table.get $table (i32.const 3)))) (then (call $exit (i32.const 2))))
    (loop $next
      (if (i64.ne (i64.load (local.get $at)) (i64.const 0)) (then (call $exit (i32.const 3))))
      (br_if $next (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 131072))))
    (if (i32.ne (call $write (i32.const 1) (i32.const 0) (i32.const 1)) (i32.const -2))
      (then (call $exit (i32.const 4))))
    (global.set $mark (i32.const 1))
    (table.set $table (i32.const 3) (ref.func $f))
    (memory.fill (i32.const 0) (i32.const 0xaa) (i32.const 131072))
    (drop (call $out))
    (if (i32.gt_u (call $args) (i32.const 1)) (then (unreachable)))))`;

async function build(text: string): Promise<CompiledModule> {
  const compiled = await compileWat(text);
  assert.ok(compiled.ok);
  return compile(compiled.module);
}

const start = (module: CompiledModule, more: Partial<RunOptions> = {}): Promise<RunResult> =>
  run(module, { platform: nodePlatform, ...more });

test('a guest finds no memory, globals, tables or descriptors of an earlier run', async () => {
  const nosy = await build(NOSY);
  for (let i = 0; i < 20; i++) {
    const { exit, trap } = await start(nosy);
    assert.deepEqual([exit, trap], [0, undefined]);
    assert.ok(sharedPool.bytes > 0, 'the memory was not reused, so the test shows nothing');
  }
});

test('a guest finds no state of a guest that trapped, or of another module', async () => {
  const nosy = await build(NOSY);
  const other = await build(NOSY.replace('0xaa', '0x55'));
  for (let i = 0; i < 10; i++) {
    assert.equal(
      (await start(i % 2 === 0 ? nosy : other, { args: ['x', 'trap'] })).trap?.code,
      'trap',
    );
    assert.equal((await start(nosy)).exit, 0);
  }
});

test('guests that run at the same time share no state', async () => {
  const nosy = await build(NOSY);
  const results = await Promise.all(Array.from({ length: 50 }, () => start(nosy)));
  assert.deepEqual(
    results.map(({ exit }) => exit),
    results.map(() => 0),
  );
});

test('a call that completes after its guest has ended does not write into the next guest', () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const own = new GuestMemory(memory);
  const late = new GuestBuffer(own, 0, 8);
  own.close();
  assert.throws(() => late.write(new Uint8Array(8).fill(0x77)), /outside the guest's memory/);
  assert.deepEqual(new Uint8Array(memory.buffer, 0, 8), new Uint8Array(8));
});
