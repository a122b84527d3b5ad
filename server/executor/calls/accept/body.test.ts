/** Limits on the bodies of asynchronous calls. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '../../../problems/problems.ts';
import { Bodies } from './body.ts';

const sends = (...sizes: readonly number[]) => ({
  async *iterator() {
    for (const size of sizes) yield Buffer.alloc(size, 'x');
  },
});
const length = async (body: Buffer): Promise<number> => body.length;

test('a body of an asynchronous call may have 1 MiB, and one byte more is refused', async () => {
  const bodies = new Bodies();
  assert.equal(await bodies.using(sends(1000, 1024 * 1024 - 1000), length), 1024 * 1024);
  const refused = (error: unknown): boolean =>
    error instanceof ProblemError && error.code === 'too-large';
  await assert.rejects(bodies.using(sends(1024 * 1024, 1), length), refused);
});

test('bodies received at the same time share a limit, and release their part of it', async () => {
  const bodies = new Bodies(1000);
  const kept = Promise.withResolvers<void>();
  const slow = bodies.using(sends(600), () => kept.promise);
  await new Promise((resolve) => setImmediate(resolve));
  const full = (error: unknown): boolean =>
    error instanceof ProblemError &&
    error.code === 'executor-full' &&
    error.extras.headers?.['retry-after'] === '1';
  await assert.rejects(bodies.using(sends(300, 300), length), full);
  assert.equal(await bodies.using(sends(300), length), 300);
  kept.resolve();
  await slow;
  assert.equal(await bodies.using(sends(300, 300), length), 600);
});

test('a caller that disconnects in the middle of a body does not cause a server error', async () => {
  const bodies = new Bodies(1000);
  const cutOff = {
    async *iterator() {
      yield Buffer.alloc(600);
      throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    },
  };
  const isFaultOfCaller = (error: unknown): boolean =>
    error instanceof ProblemError && error.code === 'invalid-request';
  await assert.rejects(bodies.using(cutOff, length), isFaultOfCaller);
  assert.equal(await bodies.using(sends(900), length), 900, 'its part of the limit is released');
});
