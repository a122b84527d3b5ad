import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SupervisedWorker } from './supervised-worker.ts';
import type { WorkerResult } from './worker-api.ts';

interface Silent {
  ask(): Promise<WorkerResult<string>>;
}

/** A worker that never answers. */
class SilentWorker extends EventTarget {
  terminated = false;
  postMessage(): void {}
  terminate(): void {
    this.terminated = true;
  }
}

function supervise(): { worker: SupervisedWorker<Silent>; spawned: SilentWorker[] } {
  const spawned: SilentWorker[] = [];
  const worker = new SupervisedWorker<Silent>(() => {
    const made = new SilentWorker();
    spawned.push(made);
    // Implements the parts of Worker that the supervisor and Comlink use.
    return made as unknown as Worker;
  });
  return { worker, spawned };
}

test('a worker that never answers is terminated at the deadline, and the next call gets a new one', async () => {
  const { worker, spawned } = supervise();
  const result = await worker.call((remote) => remote.ask(), 20);
  assert.ok(!result.ok);
  assert.equal(result.error.code, 'deadline');
  assert.ok(spawned[0]?.terminated);
  void worker.call((remote) => remote.ask(), 20);
  assert.equal(spawned.length, 2);
});

test('every pending call is settled when its worker fails', async () => {
  const { worker, spawned } = supervise();
  const calls = [1, 2].map(() => worker.call((remote) => remote.ask(), 10_000));
  const error = Object.assign(new Event('error', { cancelable: true }), {
    message: 'no such file',
  });
  spawned[0]?.dispatchEvent(error);
  for (const result of await Promise.all(calls)) {
    assert.ok(!result.ok && result.error.message.includes('no such file'));
  }
});

test('a call reports why its worker was terminated', async () => {
  const { worker } = supervise();
  const call = worker.call((remote) => remote.ask(), 10_000);
  worker.end({ code: 'stopped', message: 'Stopped.' });
  assert.deepEqual(await call, { ok: false, error: { code: 'stopped', message: 'Stopped.' } });
});
