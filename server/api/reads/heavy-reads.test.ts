import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ProblemError } from '../../problems/problems.ts';
import { HeavyReads } from './heavy-reads.ts';

suite('slow reads', () => {
  test('of one user wait for each other without delaying other users', async () => {
    const reads = new HeavyReads({ perUser: 2, all: 3, waitingPerUser: 10, waiting: 20 });
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    const read = (user: string, name: string): Promise<void> =>
      reads.run(user, () => {
        begun.push(name);
        return new Promise((resolve) => ends.set(name, resolve));
      });
    const end = async (name: string): Promise<void> => {
      ends.get(name)?.();
      await setImmediate();
    };
    const all = [
      ...['a1', 'a2', 'a3', 'a4'].map((name) => read('a', name)),
      read('b', 'b1'),
      read('c', 'c1'),
    ];
    await setImmediate();
    assert.deepEqual(begun, ['a1', 'a2', 'b1'], 'two of one user, three of all');
    await end('a1');
    assert.deepEqual(begun.slice(3), ['a3'], 'first come, first served');
    await end('b1');
    assert.deepEqual(begun.slice(4), ['c1'], 'a user with two active reads is skipped');
    for (const name of ['a2', 'a3', 'a4', 'c1']) await end(name);
    await Promise.all(all);
  });

  test('beyond the queue are refused, and a failed read frees its place', async () => {
    const reads = new HeavyReads({ perUser: 1, all: 1, waitingPerUser: 2, waiting: 3 });
    const held = Promise.withResolvers<never>();
    const first = reads.run('a', () => held.promise);
    const waiting = ['a', 'a', 'b'].map((user) => reads.run(user, async () => user));
    const code = (user: string): Promise<unknown> =>
      reads
        .run(user, async () => user)
        .catch((error: unknown) => {
          assert.ok(error instanceof ProblemError);
          return error.code;
        });
    assert.deepEqual(await Promise.all([code('a'), code('c')]), [
      'too-many-requests',
      'unavailable',
    ]);
    held.reject(new Error('gone'));
    await assert.rejects(first, /gone/);
    assert.deepEqual(await Promise.all(waiting), ['a', 'a', 'b']);
  });
});
