import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { Consumer } from './consumer.ts';
import type { CallJob, Jobs } from './jobs.ts';

/** Longer than a test: only wake-ups and ends make a consumer look for jobs. */
const POLL_MS = 1e8;

/** A queue in memory, its consumer, and the jobs that run. */
function makeWorld() {
  const waiting: CallJob[] = [];
  const settled: string[] = [];
  const lost = new Set<string>();
  const running = new Map<string, { readonly lease: AbortSignal; end(error?: Error): void }>();
  const jobs: Jobs = {
    async take(count, full) {
      await turn();
      const taken = waiting.filter(({ groupId }) => !full.includes(groupId ?? '')).slice(0, count);
      for (const job of taken) waiting.splice(waiting.indexOf(job), 1);
      return taken;
    },
    complete: async (done) => void settled.push(...done.map(({ id }) => id)),
    fail: async (failed, why) => void settled.push(...failed.map(({ id }) => `${id}: ${why}`)),
    touch: async (held) => new Set(held.map(({ id }) => id).filter((id) => !lost.has(id))),
  };
  const consumer = new Consumer({
    jobs,
    concurrency: 4,
    ownerConcurrency: 2,
    pollMs: POLL_MS,
    run: (id, _tries, lease) =>
      new Promise((resolve, reject) => {
        const end = (error?: Error): void => {
          running.delete(id);
          if (error === undefined) resolve();
          else reject(error);
        };
        running.set(id, { lease, end });
      }),
    onError: (error) => assert.fail(String(error)),
  });
  const send = (...ids: string[]): void => {
    for (const id of ids) {
      waiting.push({ id, data: { id }, retryCount: 0, groupId: id.slice(0, 1) });
    }
  };
  return { waiting, settled, lost, running, consumer, send };
}

async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; !isSo(); turns++) {
    assert.ok(turns < 1000, 'it never came to be');
    await turn();
  }
}

test('a call runs as soon as its notice comes, without a poll', async () => {
  const { consumer, send, running, settled } = makeWorld();
  consumer.start();
  await turn();
  await turn();
  send('a1');
  consumer.wake();
  await until(() => running.has('a1'));
  running.get('a1')?.end();
  await until(() => settled.length === 1);
  await consumer.close(1000);
});

test('an owner with many calls has no more of them running than its share, and each that ends makes room at once', async () => {
  const { consumer, send, running, settled, waiting } = makeWorld();
  send('a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'c1', 'b2');
  consumer.start();
  await until(() => running.size === 4);
  assert.deepEqual(Array.from(running.keys()), ['a1', 'a2', 'b1', 'c1'], 'oldest first');
  running.get('a1')?.end();
  await until(() => running.has('a3'));
  running.get('b1')?.end(new Error('no room'));
  await until(() => running.has('b2'));
  assert.deepEqual(settled.sort(), ['a1', 'b1: no room']);
  assert.deepEqual(
    waiting.map(({ id }) => id),
    ['a4', 'a5'],
  );
  for (const { end } of running.values()) end();
  await until(() => running.has('a5'));
  await consumer.close(0);
});

test('a run is stopped whose call the queue gave to another process', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { consumer, send, running, lost } = makeWorld();
  send('a1', 'a2');
  consumer.start();
  await until(() => running.size === 2);
  lost.add('a2');
  t.mock.timers.tick(5000);
  await until(() => running.get('a2')?.lease.aborted === true);
  assert.equal(running.get('a1')?.lease.aborted, false);
  await consumer.close(0);
});

test('a process that stops waits for its calls, and gives back those that do not end in time', async () => {
  const { consumer, send, running, settled, waiting } = makeWorld();
  send('a1', 'a2', 'a3');
  consumer.start();
  await until(() => running.size === 2);
  const closed = consumer.close(200);
  running.get('a1')?.end();
  await closed;
  assert.equal(waiting.length, 1, 'it took another call while it stopped');
  assert.equal(running.get('a2')?.lease.aborted, true);
  assert.deepEqual(settled.sort(), ['a1', 'a2: the process stopped before the call ended']);
});
