/** Modules that are split must behave as if they were whole, whoever made them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import loadWabt from 'wabt';
import { compile, openSnapshot, run, type CompiledModule } from '../../index.ts';
import { nodePlatform } from '../../platform/node.ts';
import { randomProgram } from '../../snapshot/testdata/random-program.ts';
import { SNAPSHOT_SECTION, splitModule } from './split.ts';

const wabt = await loadWabt();

function build(text: string): Uint8Array<ArrayBuffer> {
  const features = { bulk_memory: true, reference_types: true, multi_memory: true };
  return Uint8Array.from(wabt.parseWat('test.wat', text, features).toBinary({}).buffer);
}

/** Appends the section that a snapshot has. Anybody can. */
function marked(module: Uint8Array, kept: number): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode(SNAPSHOT_SECTION);
  return Uint8Array.of(...module, 0, name.length + 2, name.length, ...name, kept);
}

/** The whole module: without the section it is not split. */
const unmarked = (module: Uint8Array): Uint8Array<ArrayBuffer> =>
  module.slice(0, module.length - SNAPSHOT_SECTION.length - 4);

/** @param trace the instance of a traced run serves no other run */
async function outcome(module: CompiledModule, trace = false) {
  const limits = { gas: 1_000_000, memoryPages: 64 };
  const ran = await run(module, { platform: nodePlatform, limits, trace });
  const calls = ran.trace.map((call) => ({ ...call, tookMs: 0, atMs: 0 }));
  return { ...ran, trace: calls, bill: { ...ran.bill, wallMs: 0 } };
}

async function sameAsWhole(split: Uint8Array, whole: Uint8Array, what: string): Promise<void> {
  const [one, other] = [await compile(split), await compile(whole)];
  for (const trace of [false, true, false, false]) {
    assert.deepEqual(await outcome(one, trace), await outcome(other, trace), what);
  }
}

test('a snapshot that is split gives the output, calls and gas of the whole, run after run', async () => {
  for (let seed = 1; seed <= 25; seed++) {
    const source = await openSnapshot(build(randomProgram(seed).withHook));
    const { module } = source.take(new Uint8Array());
    assert.ok(splitModule(module), `seed ${seed} is split`);
    await sameAsWhole(module, unmarked(module), `seed ${seed}`);
  }
});

/** Writes its memory and a global to standard output, then soils both. */
const DUMP = `(import "cwa" "io_get_stdout" (func $out (result i32)))
  (import "cwa" "resource_write" (func $write (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1) (global $g (mut i32) (i32.const 0)) (data (i32.const 8) "base")
  (func (export "_start")
    (i32.store (i32.const 0) (global.get $g))
    (drop (call $write (call $out) (i32.const 0) (i32.const 65536)))
    (global.set $g (i32.const -1)) (memory.fill (i32.const 0) (i32.const 0x77) (i32.const 65536)))`;

test('modules with the same code share it, and no byte of one is seen by another', async () => {
  const hook = `(import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))`;
  const text = `(module ${hook} ${DUMP}
    (func (export "trisiel_initialize")
      (i32.store (i32.const 16) (i32.const 1024)) (i32.store (i32.const 20) (i32.const 4096))
      (drop (call $read (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 24)))
      (global.set $g (i32.load (i32.const 1024)))))`;
  const source = await openSnapshot(build(text));
  const secrets = ['first secret, longer than the other one', 'second', ''];
  const modules = await Promise.all(
    secrets.map((secret) => compile(source.take(new TextEncoder().encode(secret)).module)),
  );
  assert.equal(new Set(modules.map(({ module }) => module)).size, 1);
  const dump = async (module: CompiledModule | undefined): Promise<string> => {
    assert.ok(module);
    return Buffer.from((await outcome(module)).output).toString('latin1');
  };
  for (let round = 0; round < 3; round++) {
    for (const [index, secret] of secrets.entries()) {
      const seen = await dump(modules[index]);
      assert.equal(seen.slice(0, 4), secret.slice(0, 4).padEnd(4, '\0'));
      assert.equal(seen.slice(8, 12), 'base');
      assert.equal(seen.slice(1024).replaceAll('\0', ''), secret);
    }
  }
});

/** Everything that a split might lose. None of it comes from the snapshot tool. */
const ADVERSARIAL: Readonly<Record<string, string>> = {
  'data that overlaps': `${DUMP} (data (i32.const 9) "over") (data (i32.const 8) "it")`,
  'more data segments than are written one by one': `${DUMP} ${Array.from({ length: 2500 }, (_, i) => `(data (i32.const ${20 * i + 100}) "${i}")`).join(' ')}`,
  'data at the end of its memory': `${DUMP} (data (i32.const 65533) "end")`,
  'data outside of its memory': `${DUMP} (data (i32.const 65534) "end")`,
  'an empty segment outside of its memory': `${DUMP} (data (i32.const 65537) "")`,
  'an address that is negative': `${DUMP} (data (i32.const -1) "x")`,
  'a passive segment': `${DUMP} (data $p "passive")
    (func (export "f") (memory.init $p (i32.const 0) (i32.const 0) (i32.const 7)))`,
  'code that uses an active segment': `${DUMP} (data $d (i32.const 99) "x")
    (func (export "f") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0)))`,
  'a start function': `${DUMP} (func $begin (global.set $g (i32.const 5))) (start $begin)`,
  'globals of all types': `${DUMP.replace('(export "_start")', '(export "_start") (call $check)')}
    (global $b (export "b") (mut i64) (i64.const -9223372036854775808))
    (global $c (mut f32) (f32.const nan:0x200001)) (global $d (mut f64) (f64.const -0))
    (global $e (mut funcref) (ref.null func)) (global $f (mut v128) (v128.const i32x4 1 2 3 4))
    (func $check
      (if (i64.ne (global.get $b) (i64.const -9223372036854775808)) (then unreachable))
      (if (i32.ne (i32.reinterpret_f32 (global.get $c)) (i32.const 0x7fa00001)) (then unreachable))
      (if (i64.ne (i64.reinterpret_f64 (global.get $d)) (i64.const 0x8000000000000000)) (then unreachable))
      (global.set $b (i64.const 1)) (global.set $c (f32.const 1)) (global.set $d (f64.const 1)))`,
  'tables that it changes': `${DUMP} (table $t 2 funcref) (func $f) (elem (i32.const 0) func $f)
    (func (export "f") (table.set $t (i32.const 1) (ref.func $f)))`,
  'a memory with a maximum': DUMP.replace('"memory") 1', '"memory") 1 2'),
  'no memory': `(func (export "_start")) (global (mut i32) (i32.const 7))`,
  'two memories': `${DUMP} (memory 1) (data (i32.const 99) "x")`,
};

test('a module that only claims to be a snapshot behaves as if it did not', async () => {
  for (const [what, text] of Object.entries(ADVERSARIAL)) {
    const whole = build(`(module ${text})`);
    for (let kept = 0; kept <= 4; kept++) {
      await sameAsWhole(marked(whole, kept), whole, `${what}, ${kept} segments kept`);
    }
  }
});

test('a damaged snapshot is valid in parts only if it is valid', async () => {
  const sources = ['data that overlaps', 'globals of all types', 'a memory with a maximum'];
  let split = 0;
  for (const what of sources) {
    const module = marked(build(`(module ${ADVERSARIAL[what] ?? ''})`), 1);
    assert.ok(splitModule(module));
    for (let at = 8; at < module.length; at++) {
      for (const byte of [0, 1, 0x0b, 0x23, 0x41, 0x7f, 0x80, (module[at] ?? 0) ^ 1]) {
        const damaged = module.slice();
        damaged[at] = byte;
        const parts = splitModule(damaged);
        if (parts === undefined) continue;
        split++;
        const isValid = WebAssembly.validate(damaged);
        assert.equal(WebAssembly.validate(parts.code), isValid, `${what}: ${byte} at ${at}`);
      }
    }
  }
  assert.ok(split > 1000, `${split} damaged modules were split`);
});
