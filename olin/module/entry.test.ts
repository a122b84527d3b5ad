import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile as compileText } from '../../sdk/wat/compile.ts';
import { compile, dropDebugSections, InputError, inspect, run, startAt } from '../index.ts';
import { nodePlatform } from '../platform/node.ts';

async function build(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const built = await compileText(text);
  assert.ok(built.ok, text);
  return built.module;
}

/** A custom section. */
function section(name: string, contents: string): readonly number[] {
  const text = [...Buffer.from(name)];
  const bytes = [text.length, ...text, ...Buffer.from(contents)];
  return [0, bytes.length, ...bytes];
}

test('a program of the original that begins at cwa_main runs, and what it returns is its status', async () => {
  const bytes = await build(`(module (memory (export "memory") 1)
    (func (export "cwa_main") (result i32) (i32.const 7)) (func (export "add")))`);
  const started = startAt(bytes, 'cwa_main');
  const result = await run(await compile(started), { platform: nodePlatform });
  assert.equal(result.exit, 7);
  assert.deepEqual(
    inspect(started).exports.map(({ name, index }) => [name, index]),
    [
      ['memory', 0],
      ['cwa_main', 0],
      ['add', 1],
      ['_start', 0],
    ],
  );
});

test('another entry takes the place of _start', async () => {
  const bytes = await build(
    '(module (func (export "_start") unreachable) (func (export "other") (result i32) i32.const 0))',
  );
  const started = startAt(bytes, 'other');
  assert.equal((await run(await compile(started), { platform: nodePlatform })).exit, 0);
  assert.equal(startAt(bytes, '_start'), bytes);
});

test('an entry that is not there is refused, and the sentence lists what is', async () => {
  const bytes = await build('(module (memory (export "mem") 1) (func (export "run")))');
  for (const entry of ['main', 'mem', 'x'.repeat(10_000)]) {
    assert.throws(
      () => startAt(bytes, entry),
      (error) => error instanceof InputError && /to start at: it exports run\./.test(error.message),
    );
  }
  assert.throws(() => startAt(Uint8Array.of(1, 2, 3), 'main'), InputError);
});

test('debug sections are dropped, and the names that backtraces show stay', async () => {
  const bytes = await build('(module (func $named (export "_start")))');
  const heavy = Uint8Array.from([
    ...bytes.subarray(0, 8),
    ...section('.debug_info', 'x'.repeat(100)),
    ...bytes.subarray(8),
    ...section('sourceMappingURL', 'main.wasm.map'),
    ...section('producers', ''),
  ]);
  const light = dropDebugSections(heavy);
  const { customSections, functionNames } = inspect(light);
  assert.deepEqual(customSections.map(({ name }) => name).toSorted(), ['name', 'producers']);
  assert.equal(functionNames.get(0), 'named');
  assert.equal(dropDebugSections(light), light);
  assert.throws(() => dropDebugSections(heavy.subarray(0, heavy.length - 30).slice()), InputError);
});
