import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Contents } from './contents.ts';
import { FILE_BOUNDS } from './file-bounds.ts';
import { FileError } from './file-error.ts';
import { MemoryHost } from './memory-host.ts';

/** A small generator of numbers below a bound, the same in every run. */
function numbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

test('a file has what a plain array would have after random writes, cuts and extensions', () => {
  const next = numbers(7);
  for (let round = 0; round < 20; round++) {
    const initial = Uint8Array.from({ length: next(100_000) }, () => next(256));
    const host = new MemoryHost();
    const contents = new Contents(initial);
    let model = initial.slice();
    for (let step = 0; step < 60; step++) {
      const at = next(150_000);
      if (next(4) === 0) {
        contents.resize(at, host);
        const grown = new Uint8Array(at);
        grown.set(model.subarray(0, at));
        model = grown;
      } else if (next(2) === 0) {
        const bytes = Uint8Array.from({ length: 1 + next(70_000) }, () => next(256));
        assert.equal(contents.write(at, bytes, host), bytes.length);
        const grown = new Uint8Array(Math.max(model.length, at + bytes.length));
        grown.set(model);
        grown.set(bytes, at);
        model = grown;
      } else {
        const into = new Uint8Array(next(70_000)).fill(9);
        const count = contents.read(at, into);
        const found = Buffer.from(into.buffer, 0, count);
        assert.ok(found.equals(model.subarray(at, at + into.length)));
        assert.ok(into.subarray(count).every((byte) => byte === 9));
      }
      assert.equal(contents.size, model.length);
    }
    contents.release(host);
    assert.equal(host.held, 0, 'all memory that was counted is given back');
  }
});

test('a file of a terabyte that is a hole takes no memory, and a larger one is refused', () => {
  const host = new MemoryHost();
  const contents = new Contents();
  contents.resize(FILE_BOUNDS.fileBytes, host);
  assert.equal(host.held, 0);
  assert.equal(contents.read(FILE_BOUNDS.fileBytes - 5, new Uint8Array(10).fill(1)), 5);
  const isTooLarge = (error: unknown): boolean =>
    error instanceof FileError && error.code === 'fbig';
  assert.throws(() => contents.resize(FILE_BOUNDS.fileBytes + 1, host), isTooLarge);
  assert.throws(() => contents.write(FILE_BOUNDS.fileBytes, Uint8Array.of(1), host), isTooLarge);
});

test('what does not fit into the memory of the run is a short count, then an error', () => {
  const host = new MemoryHost(40_000);
  const contents = new Contents();
  assert.equal(contents.write(0, new Uint8Array(100_000), host), 32_768);
  assert.throws(
    () => contents.write(32_768, new Uint8Array(100_000), host),
    (error) => error instanceof FileError && error.code === 'nospc',
  );
  assert.equal(contents.size, 32_768);
});

test('bytes that are far apart count as the memory of their pieces', () => {
  const host = new MemoryHost();
  const contents = new Contents();
  for (let at = 0; at < 1000; at++) contents.write(at * 32 * 1024, Uint8Array.of(1), host);
  assert.ok(host.held >= 1000 * (64 + 256), `${host.held} bytes`);
  contents.resize(0, host);
  assert.equal(host.held, 0);
});
