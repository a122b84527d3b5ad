import assert from 'node:assert/strict';
import { test } from 'node:test';
import loadWabt from 'wabt';

import { InputError } from '../errors.ts';
import { inspect } from './inspect.ts';

const wabt = await loadWabt();

function build(text: string): Uint8Array {
  const features = { multi_memory: true, memory64: true, exceptions: true, threads: true };
  const parsed = wabt.parseWat('test.wat', text, features);
  return parsed.toBinary({ write_debug_names: true }).buffer;
}

function refusal(bytes: Uint8Array): { code: string; message: string } {
  try {
    inspect(bytes);
  } catch (error) {
    if (error instanceof InputError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('it was accepted');
}

const ascii = (text: string) => new TextEncoder().encode(text);

test('a report lists imports, exports, memories, names and the start section', () => {
  const report = inspect(
    build(`(module $hello
      (import "cwa" "log_write" (func $log (param i32 i32 i32)))
      (import "env" "base" (global (mut i32)))
      (memory (export "memory") 1 4)
      (memory i64 2)
      (table 3 funcref)
      (func $begin)
      (func $add (export "add") (param i32 i32) (result i32)
        (i32.add (local.get 0) (local.get 1)))
      (start $begin))`),
  );
  assert.deepEqual(report.imports, [
    {
      module: 'cwa',
      name: 'log_write',
      kind: 'function',
      type: '(i32, i32, i32) -> ()',
      params: ['i32', 'i32', 'i32'],
      results: [],
    },
    { module: 'env', name: 'base', kind: 'global', type: 'mut i32' },
  ]);
  assert.deepEqual(report.exports, [
    { name: 'memory', index: 0, kind: 'memory', type: '1 page, at most 4' },
    {
      name: 'add',
      index: 2,
      kind: 'function',
      type: '(i32, i32) -> i32',
      params: ['i32', 'i32'],
      results: ['i32'],
    },
  ]);
  assert.deepEqual(report.memories, [
    { min: 1, max: 4, is64: false, shared: false, imported: false },
    { min: 2, is64: true, shared: false, imported: false },
  ]);
  assert.equal(report.moduleName, 'hello');
  assert.deepEqual(
    report.functionNames,
    new Map([
      [0, 'log'],
      [1, 'begin'],
      [2, 'add'],
    ]),
  );
  assert.equal(report.functions, 2);
  assert.equal(report.hasStart, true);
  assert.deepEqual(report.features, ['memory64', 'multi-memory', 'mutable-globals']);
  assert.deepEqual(structuredClone(report), report);
});

test('a file that is not a module is rejected with advice for its format', () => {
  const kinds: [Uint8Array, RegExp][] = [
    [ascii('<!DOCTYPE html><html>'), /it begins with "<!DO" where "\\0asm" is expected.*web page/],
    [ascii('  \n<html>'), /web page/],
    [ascii('(module)'), /wat2wasm/],
    [ascii(';; a comment\n(module)'), /wat2wasm/],
    [ascii('hello there'), /"hell".*Compile your source to \.wasm/],
    [Uint8Array.of(0x1f, 0x8b, 8, 0), /it begins with 1f 8b 08 00 .*gunzip/],
    [Uint8Array.of(0x7f, 0x45, 0x4c, 0x46), /Linux/],
    [new Uint8Array(), /empty/],
  ];
  for (const [bytes, expected] of kinds) {
    const { code, message } = refusal(bytes);
    assert.equal(code, 'not-wasm');
    assert.match(message, expected);
  }
});

test('a component and an unknown version are rejected by name', () => {
  const component = refusal(Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0));
  assert.equal(component.code, 'unsupported-feature');
  assert.match(component.message, /component/);
  assert.equal(refusal(Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0)).code, 'malformed-module');
});

test('a module truncated at any byte, or with any byte changed, gives an InputError, never a crash or a hang', () => {
  const whole = build(`(module
    (import "cwa" "x" (func (param i64) (result f32)))
    (memory 1) (table 2 funcref) (global i32 (i32.const 7))
    (func $a (export "a") (result i32) (global.get 0))
    (elem (i32.const 0) 1) (data (i32.const 8) "hello"))`);
  for (let length = 0; length < whole.length; length++) {
    try {
      inspect(whole.subarray(0, length));
    } catch (error) {
      assert.ok(error instanceof InputError, String(error));
    }
  }
  for (let at = 8; at < whole.length; at++) {
    for (const value of [0, 1, 0x40, 0x7f, 0x80, 0xff]) {
      const changed = Uint8Array.from(whole);
      changed[at] = value;
      try {
        inspect(changed);
      } catch (error) {
        assert.ok(error instanceof InputError, String(error));
      }
    }
  }
});

test('a wrong length is rejected', () => {
  const lies = Uint8Array.of(
    0,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    1,
    6,
    0xff,
    0xff,
    0xff,
    0xff,
    0x0f,
    0,
  );
  assert.equal(refusal(lies).code, 'malformed-module');
});

test('a module with too many memories, exports, imports or globals is rejected', () => {
  const counted: Readonly<Record<string, string>> = {
    memories: '(memory 0)'.repeat(9),
    exports: `(func $f) ${Array.from({ length: 4097 }, (_, i) => `(export "${i}" (func $f))`).join('')}`,
    globals: '(global i32 (i32.const 0))'.repeat(65_537),
    imports: '(import "cwa" "x" (func))'.repeat(4097),
  };
  for (const [what, fields] of Object.entries(counted)) {
    const { code, message } = refusal(build(`(module ${fields})`));
    assert.equal(code, 'unsupported-feature');
    assert.match(
      message,
      new RegExp(`^The module has \\d+ ${what}, and at most \\d+ are allowed\\. \\w`),
    );
  }
  assert.equal(inspect(build(`(module ${'(memory 0)'.repeat(8)})`)).memories.length, 8);
});

test('exceptions may be in locals, but not be stored, nor carry other exceptions or much data', () => {
  const EXNREF = 0x69;
  const section = (id: number, ...contents: number[]): number[] => [
    id,
    contents.length,
    ...contents,
  ];
  const module = (...sections: number[][]): Uint8Array =>
    Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flat()]);
  const tag = (...params: number[]): Uint8Array =>
    module(section(1, 1, 0x60, params.length, ...params, 0), section(13, 1, 0, 0));
  const kept = [
    module(section(6, 1, EXNREF, 1, 0xd0, EXNREF, 0x0b)),
    module(section(6, 1, 0x63, EXNREF, 1, 0xd0, EXNREF, 0x0b)),
    module(section(4, 1, EXNREF, 0, 1)),
  ];
  for (const bytes of kept) {
    assert.ok(WebAssembly.validate(Uint8Array.from(bytes)));
    assert.match(refusal(bytes).message, /keeps exceptions \(exnref\) in globals or tables/);
  }
  assert.match(refusal(tag(0x7f, EXNREF)).message, /carry exceptions \(exnref\)/);
  assert.match(
    refusal(tag(0x7b, 0x7b, 0x7b, 0x7b, 0x7f)).message,
    /an exception that carries 68 bytes, and at most 64 are allowed/,
  );
  inspect(tag(0x7b, 0x7b, 0x7b, 0x7b));
});
