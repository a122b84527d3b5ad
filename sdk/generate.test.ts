import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindings } from './bindings.ts';
import { emitC } from './c/emit.ts';
import { generateBindings } from './generate.ts';

test('the raw bindings of every language are what olin/abi declares', async () => {
  assert.deepEqual(await generateBindings(true), []);
});

test('a C guest cannot pass a constant text where the host writes', () => {
  const read = bindings().filter(({ name }) => name === 'resource_read');
  assert.match(
    emitC(read),
    /int32_t resource_read\(int32_t fd, void \*data_base, size_t data_len\);/,
  );
  const write = bindings().filter(({ name }) => name === 'resource_write');
  assert.match(
    emitC(write),
    /resource_write\(int32_t fd, const void \*data_base, size_t data_len\);/,
  );
});

test('runtime_exit is declared as a call that does not come back', () => {
  const exit = bindings().filter(({ name }) => name === 'runtime_exit');
  assert.match(emitC(exit), /_Noreturn void runtime_exit/);
});
