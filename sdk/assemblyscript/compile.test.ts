import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadExample } from '../../examples/load.ts';
import { readLibrary } from './build.ts';
import { compile } from './compile.ts';

const library = await readLibrary();

async function compileWell(source: string): Promise<WebAssembly.Module> {
  const result = await compile(source, library);
  assert.ok(result.ok, JSON.stringify(result.diagnostics));
  return new WebAssembly.Module(result.module);
}

test('the compiler in the page gives the committed bytes of an example', async () => {
  for (const name of ['hello', 'badge']) {
    const { source, module } = await loadExample(name);
    const result = await compile(source, library);
    assert.ok(result.ok);
    assert.ok(Buffer.from(result.module).equals(module), `examples/${name}/module.wasm`);
  }
});

test('keys of the library may have folders, as from a bundler', async () => {
  const elsewhere = Object.entries(library).map(([name, text]) => [
    `/sdk/assemblyscript/${name}`,
    text,
  ]);
  const result = await compile(
    `import { stdout } from 'olin'; stdout.write('x');`,
    Object.fromEntries(elsewhere),
  );
  assert.ok(result.ok);
});

test('assertions, random numbers, trace and the console import nothing but system calls', async () => {
  const module = await compileWell(`
    console.log('a'); console.error('b'); trace('c', 1, 2);
    assert(Math.random() < 1, 'd');
    if (Math.random() > 2) throw new Error('e');
  `);
  const modules = new Set(WebAssembly.Module.imports(module).map((one) => one.module));
  assert.deepEqual([...modules], ['cwa']);
  const names = WebAssembly.Module.exports(module).map((one) => one.name);
  assert.deepEqual(names.sort(), ['_start', 'memory']);
});

test('function names are kept for backtraces', async () => {
  const module = await compileWell(`
    import { random } from 'olin';
    function drawDeeply(left: i32): u32 {
      return left == 0 ? random.bits32() : drawDeeply(left - 1) + random.bits32();
    }
    drawDeeply(<i32>random.below(9));
  `);
  const [names] = WebAssembly.Module.customSections(module, 'name');
  assert.ok(names !== undefined);
  assert.match(new TextDecoder().decode(names), /main\/drawDeeply/);
});

test('an error is reported at its line and column, with the names of the source', async () => {
  const result = await compile(`const a = 1;\n\n  const b: i32 = 'text';`, library);
  assert.deepEqual(result, {
    ok: false,
    diagnostics: [
      {
        message: "Type 'String' is not assignable to type 'i32'.",
        line: 3,
        column: 18,
        severity: 'error',
      },
    ],
  });
});

test('the error for an exported _start suggests top-level code', async () => {
  const result = await compile(`export function _start(): void {}`, library);
  assert.ok(!result.ok);
  assert.match(result.diagnostics[0]?.message ?? '', /top level runs as _start/);
});

test('the error for a missing import names it', async () => {
  const result = await compile(`import { nothing } from 'olin'; nothing();`, library);
  assert.ok(!result.ok);
  assert.equal(result.diagnostics[0]?.message, "Module 'olin' has no exported member 'nothing'.");
});
