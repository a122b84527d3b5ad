import assert from 'node:assert/strict';
import { test } from 'node:test';
import loadWabt from 'wabt';
import { compile, InputError, openSnapshot, run, SnapshotError } from '../index.ts';
import { nodePlatform } from '../platform/node.ts';
import { skipConstantExpression } from '../wasm/format/expression.ts';
import { readModule } from '../wasm/format/module.ts';
import { SECTION } from '../wasm/format/sections.ts';
import { randomProgram } from './testdata/random-program.ts';

const wabt = await loadWabt();

function build(text: string): Uint8Array<ArrayBuffer> {
  const features = { bulk_memory: true, reference_types: true, multi_memory: true };
  const { buffer } = wabt.parseWat('test.wat', text, features).toBinary({});
  return Uint8Array.from(buffer);
}

async function take(text: string, input = ''): Promise<Uint8Array<ArrayBuffer>> {
  const source = await openSnapshot(build(text));
  return source.take(new TextEncoder().encode(input)).module;
}

async function output(module: Uint8Array): Promise<Uint8Array> {
  const result = await run(await compile(module), { platform: nodePlatform });
  assert.equal(result.trap, undefined);
  assert.equal(result.exit, 0);
  return result.output;
}

async function failure(text: string): Promise<InputError> {
  try {
    const source = await openSnapshot(build(text));
    source.take(new Uint8Array(), { gas: 1_000_000, memoryPages: 16 });
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const START = '(func (export "_start"))';
const hook = (body: string): string => `(func (export "trisiel_initialize") ${body})`;

test('a run from a snapshot has the output of the hook followed by the program', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const { withHook, together } = randomProgram(seed);
    const fromSnapshot = await output(await take(withHook));
    assert.deepEqual(fromSnapshot, await output(build(together)), `seed ${seed}`);
    assert.ok(fromSnapshot.length > 0);
  }
});

test('the code stays byte for byte, and the hook and the start function are gone', async () => {
  const text = `(module (memory (export "memory") 1) (global $g (mut i32) (i32.const 0)) (data (i32.const 8) "old")
    (func $begin (global.set $g (i32.const -5))) (start $begin)
    ${hook('(i32.store (i32.const 4096) (i32.add (global.get $g) (i32.const 12)))')} ${START})`;
  const [before, after] = [build(text), await take(text)].map((bytes) =>
    readModule(bytes, skipConstantExpression),
  );
  assert.ok(before && after);
  const code = ({ bytes, sections }: typeof before): Uint8Array => {
    const section = sections.find(({ id }) => id === SECTION.code);
    return bytes.subarray(section?.start, section?.end);
  };
  assert.deepEqual(code(after), code(before));
  assert.equal(after.start, undefined);
  assert.deepEqual(
    after.exports.map(({ name }) => name),
    ['memory', '_start'],
  );
  const { exports } = await WebAssembly.instantiate(await WebAssembly.compile(after.bytes.slice()));
  assert.ok(exports['memory'] instanceof WebAssembly.Memory);
  const memory = new Uint8Array(exports['memory'].buffer);
  assert.equal(memory[4096], 7);
  assert.equal(new TextDecoder().decode(memory.subarray(8, 11)), 'old');
});

test('long stretches of zeros are not written', async () => {
  const module = await take(
    `(module (memory 16) ${hook('(i32.store (i32.const 900000) (i32.const 1))')} ${START})`,
  );
  assert.ok(module.length < 120, `${module.length} bytes`);
});

test('a passive segment is still there for the program, under its number', async () => {
  const module =
    await take(`(module (import "cwa" "resource_write" (func $write (param i32 i32 i32) (result i32)))
    (import "cwa" "io_get_stdout" (func $stdout (result i32)))
    (memory 1) (data (i32.const 0) "active") (data $late "passive")
    ${hook('(i32.store8 (i32.const 0) (i32.const 65))')}
    (func (export "_start") (memory.init $late (i32.const 6) (i32.const 0) (i32.const 7))
      (drop (call $write (call $stdout) (i32.const 0) (i32.const 13)))))`);
  assert.equal(new TextDecoder().decode(await output(module)), 'Activepassive');
});

test('the hook reads its input, and its log is returned', async () => {
  const source = await openSnapshot(
    build(`(module (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "cwa" "log_write" (func $log (param i32 i32 i32)))
    (memory 1) (data (i32.const 0) "\\10\\00\\00\\00\\40\\00\\00\\00")
    ${hook('(drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))) (call $log (i32.const 6) (i32.const 16) (i32.load (i32.const 8)))')} ${START})`),
  );
  const taken = source.take(new TextEncoder().encode('bundle'));
  assert.equal(decode(taken.output), 'bundle\n');
  assert.ok(taken.gas > 0);
  // Each input starts anew.
  assert.equal(decode(source.take(new TextEncoder().encode('b')).output), 'b\n');
});

test('what would be the same in all runs is refused by its name, even if the hook catches it', async () => {
  const calls = {
    'cwa.time_now': '(result i64)',
    'cwa.random_i32': '(result i32)',
    'cwa.resource_open': '(param i32 i32) (result i32)',
    'cwa.env_get': '(param i32 i32 i32 i32) (result i32)',
    'cwa.runtime_msleep': '(param i32)',
    'wasi_snapshot_preview1.clock_time_get': '(param i32 i64 i32) (result i32)',
    'wasi_snapshot_preview1.random_get': '(param i32 i32) (result i32)',
    'wasi_snapshot_preview1.environ_get': '(param i32 i32) (result i32)',
    'wasi_snapshot_preview1.proc_exit': '(param i32)',
  };
  for (const [call, type] of Object.entries(calls)) {
    const [module, name = ''] = call.split('.');
    const values = [...type.matchAll(/i(32|64)/g)].slice(0, type.includes('param') ? undefined : 0);
    const args = values
      .slice(0, values.length - (type.includes('param') && type.includes('result') ? 1 : 0))
      .map(([kind]) => `(${kind}.const 0)`)
      .join(' ');
    const drop = type.includes('result') ? 'drop' : '';
    const error = await failure(
      `(module (import "${module}" "${name}" (func $call ${type})) (memory 1) ${hook(`(call $call ${args}) ${drop}`)} ${START})`,
    );
    assert.ok(error instanceof SnapshotError);
    assert.match(error.message, new RegExp(`${name} is not available during initialization`));
  }
});

test('a hook that loops, traps, or grows without end costs no more than its limits', async () => {
  assert.match((await failure(`(module ${hook('(loop br 0)')} ${START})`)).message, /1000000 gas/);
  assert.match((await failure(`(module ${hook('unreachable')} ${START})`)).message, /trapped/);
  const hungry = `(module (memory 1) ${hook('(if (i32.ne (memory.grow (i32.const 64)) (i32.const -1)) (then unreachable))')} ${START})`;
  await assert.doesNotReject(async () => {
    const source = await openSnapshot(build(hungry));
    source.take(new Uint8Array(), { gas: 1_000_000, memoryPages: 16 });
  });
  assert.match((await failure(`(module (memory 17) ${hook('')} ${START})`)).message, /16 pages/);
  const reader = `(module (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
    (memory 1) (data (i32.const 0) "\\00\\00\\00\\00\\00\\00\\01\\00")
    ${hook('(loop (drop (call $w (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) br 0)')} ${START})`;
  const error = await failure(reader);
  assert.ok(error instanceof SnapshotError && error.messages.length <= 1 << 24);
});

test('a module without the hook, or with state that a snapshot loses, is refused', async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [`(module ${START})`, /does not export trisiel_initialize/],
    [
      `(module (func (export "trisiel_initialize") (param i32)) ${START})`,
      /takes nothing and returns nothing/,
    ],
    [`(module (global (mut funcref) (ref.null func)) ${hook('')} ${START})`, /of type funcref/],
    [
      `(module (table 1 funcref) ${hook('(table.set (i32.const 0) (ref.null func))')} ${START})`,
      /changes tables/,
    ],
    [`(module (memory 1) (data $d "x") ${hook('(data.drop $d)')} ${START})`, /drops segments/],
  ];
  for (const [text, message] of cases) assert.match((await failure(text)).message, message);
});
