import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trim } from './trim.ts';
import { compile } from './wat/compile.ts';

async function assemble(source: string): Promise<Uint8Array> {
  const result = await compile(source);
  assert.ok(result.ok, JSON.stringify(result.diagnostics));
  return result.module;
}

function readNames(module: Uint8Array): string {
  const [names] = WebAssembly.Module.customSections(
    new WebAssembly.Module(new Uint8Array(module)),
    'name',
  );
  return names === undefined ? '' : new TextDecoder().decode(names);
}

test('only the memory and _start are exported, whatever the linker exported', async () => {
  const module = trim(
    await assemble(`(module (memory (export "memory") 1) (global (export "__heap_base") i32 (i32.const 8))
      (func (export "_start")) (func (export "helper")))`),
  );
  const exports = WebAssembly.Module.exports(new WebAssembly.Module(new Uint8Array(module)));
  assert.deepEqual(exports.map(({ name }) => name).sort(), ['_start', 'memory']);
});

test('sections with paths of the machine are removed, and function names are kept', async () => {
  const built = await assemble(
    '(module (memory (export "memory") 1) (func $draw (export "_start")))',
  );
  const debug = new TextEncoder().encode('\x0b.debug_line/home/somebody/main.c');
  const joined = Uint8Array.of(...built, 0, debug.length, ...debug);
  assert.match(new TextDecoder().decode(joined), /somebody/);
  const module = trim(joined);
  assert.doesNotMatch(new TextDecoder().decode(module), /somebody/);
  assert.match(readNames(module), /draw/);
});

test('Rust names are demangled for backtraces', async () => {
  const type = '_$LT$olin..stream..Stream$u20$as$u20$std..io..Write$GT$';
  const mangled = `_ZN${type.length}${type}5flush17h0123456789abcdefE`;
  const module = trim(
    await assemble(`(module (memory (export "memory") 1) (func $${mangled} (export "_start"))
      (func $_ZN4main5serve17h0123456789abcdefE))`),
  );
  const names = readNames(module);
  assert.match(names, /<olin::stream::Stream as std::io::Write>::flush/);
  assert.match(names, /main::serve/);
  assert.doesNotMatch(names, /0123456789abcdef/);
});

test('trimming again changes nothing', async () => {
  const once = trim(
    await assemble('(module (memory (export "memory") 1) (func $f (export "_start")))'),
  );
  assert.deepEqual(trim(once), once);
});
