import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindings } from './bindings.ts';
import { emit as emitC } from './c/emit.ts';
import { generateBindings } from './generate.ts';

test('the raw bindings of every language match the declarations in olin/abi', async () => {
  assert.deepEqual(await generateBindings(true), []);
});

test('a C guest cannot pass constant memory for the host to write to', () => {
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

test('runtime_exit is declared as a function that does not return', () => {
  const exit = bindings().filter(({ name }) => name === 'runtime_exit');
  assert.match(emitC(exit), /_Noreturn void runtime_exit/);
});
