import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { InitializationHost } from './host.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function usedBytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test('what a hook writes byte by byte takes no more memory than if it were written at once', () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  new Uint8Array(memory.buffer).set([1, 2, 3]);
  const gauge = { charge: () => true, exhaust: () => undefined, memory: () => memory };
  const host = new InitializationHost(new Uint8Array(), gauge);
  const name = 'resource_write';
  const write = host.imports([{ module: 'dagger', name, kind: 'function' }])['dagger']?.[name];
  assert.ok(typeof write === 'function');
  const before = usedBytes();
  for (let i = 0; i < 100_000; i += 1) write(1, i % 3, 1);
  const grown = usedBytes() - before;
  assert.ok(grown < 4_000_000, `${grown} bytes`);
  assert.equal(host.output.length, 100_000);
  assert.deepEqual([...host.output.subarray(0, 4)], [1, 2, 3, 1]);
});

test('what a hook writes past the bound is dropped', () => {
  const memory = new WebAssembly.Memory({ initial: 160 });
  const gauge = { charge: () => true, exhaust: () => undefined, memory: () => memory };
  const host = new InitializationHost(new Uint8Array(), gauge);
  const name = 'resource_write';
  const write = host.imports([{ module: 'dagger', name, kind: 'function' }])['dagger']?.[name];
  assert.ok(typeof write === 'function');
  const size = 10 * 1024 * 1024;
  assert.deepEqual([write(1, 0, size), write(1, 0, size)], [size, size]);
  assert.equal(host.output.length, 16 * 1024 * 1024);
});
