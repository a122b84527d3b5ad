import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadExample } from '../../examples/load.ts';
import { compile } from './compile.ts';

test('the compiler in the page gives the committed bytes of WAT examples', async () => {
  for (const name of ['hello-wat', 'clock', 'endless-loop']) {
    const { source, module } = await loadExample(name);
    const result = await compile(source);
    assert.ok(result.ok);
    assert.ok(Buffer.from(result.module).equals(module), `examples/${name}/module.wasm`);
  }
});

test('a syntax error is reported at its line and column', async () => {
  assert.deepEqual(await compile('(module\n  (fuc $f))'), {
    ok: false,
    diagnostics: [
      {
        message: 'unexpected token "fuc", expected a module field.',
        line: 2,
        column: 4,
        severity: 'error',
      },
    ],
  });
});

test('a validation error is reported at its line', async () => {
  const result = await compile('(module\n  (func (export "_start") (result i32)))');
  assert.ok(!result.ok);
  const [first] = result.diagnostics;
  assert.equal(first?.line, 2);
  assert.match(first?.message ?? '', /type mismatch in implicit return/);
});

test('an undefined name is reported at its use', async () => {
  const result = await compile('(module\n  (func (call $nobody)))');
  assert.ok(!result.ok);
  assert.deepEqual(
    result.diagnostics.map(({ line, severity }) => [line, severity]),
    [[2, 'error']],
  );
});

test('instructions of the newer WebAssembly features compile', async () => {
  const result = await compile(`(module
    (memory i64 1)
    (tag $t)
    (func $f (result i32 i64)
      (memory.fill (i64.const 0) (i32.const 0) (i64.const 1))
      (drop (i32x4.splat (i32.extend8_s (i32.trunc_sat_f32_s (f32.const 1)))))
      (return_call $f)))`);
  assert.ok(result.ok, JSON.stringify(result.diagnostics));
});
