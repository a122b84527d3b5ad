import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile as compileWat } from '../../sdk/wat/compile.ts';
import { compile, run } from '../index.ts';
import { nodePlatform } from '../platform/node.ts';
import { Scheduler, SchedulerFull } from './scheduler.ts';

const make = (memoryPages: number, queueLength: number): Scheduler =>
  new Scheduler({ platform: nodePlatform, memoryPages, queueLength });

for (const [who, crowd, single] of [
  ['a handler', ['owner', 'crowd'], ['owner', 'single']],
  ['an owner', ['crowd', 'h1'], ['single', 'h2']],
] as const) {
  test(`${who} with many busy guests gets no more turns than one with a single guest`, async () => {
    const scheduler = make(1000, 0);
    const turns: (readonly [owner: string, handler: string])[] = [];
    const work = async (key: readonly [owner: string, handler: string], slices: number) => {
      const ticket = await scheduler.admit(...key, 1);
      for (let i = 0; i < slices; i++) {
        await ticket.turn();
        turns.push(key);
      }
      ticket.release();
    };
    await Promise.all([...Array.from({ length: 20 }, () => work(crowd, 5)), work(single, 5)]);
    const last = turns.lastIndexOf(single);
    assert.ok(last <= 10, `the single guest's fifth turn was number ${last + 1}`);
    assert.equal(turns.length, 105);
  });
}

test('an owner with many busy handlers gets no more turns than an owner with one', async () => {
  const scheduler = make(1000, 0);
  const turns: string[] = [];
  const work = async (owner: string, handler: string): Promise<void> => {
    const ticket = await scheduler.admit(owner, handler, 1);
    for (let i = 0; i < 5; i++) {
      await ticket.turn();
      turns.push(owner);
    }
    ticket.release();
  };
  const many = Array.from({ length: 20 }, (_, i) => work('many', `h${i}`));
  await Promise.all([...many, work('one', 'h')]);
  assert.ok(turns.lastIndexOf('one') <= 10, `it was turn ${turns.lastIndexOf('one') + 1}`);
});

test('owners with sleeping guests leave room for the next owner', async () => {
  const scheduler = make(16_384, 1024);
  const waiting: Promise<unknown>[] = [];
  for (let i = 0; i < 16; i++) {
    for (const owner of ['a', 'b', 'c', 'd']) waiting.push(scheduler.admit(owner, 'h', 256));
  }
  await nodePlatform.turn();
  assert.ok(scheduler.queued > 0);
  for (const owner of ['e', 'f']) assert.ok(scheduler.admitNow(owner, 'h', 256), owner);
});

test('guests that grow stay within their owner’s share, except the only guest of an owner', async () => {
  const scheduler = make(100, 0);
  const tickets = await Promise.all(Array.from({ length: 10 }, () => scheduler.admit('a', 'h', 1)));
  for (const ticket of tickets) ticket.grow(9);
  assert.equal(scheduler.usedPages, 46);
  const alone = await scheduler.admit('b', 'h', 1);
  assert.ok(alone.grow(41));
  assert.equal(alone.grow(1), false);
});

test('owners with one large guest each leave room for small guests of others, also while more large ones wait', async () => {
  const scheduler = make(16_384, 1024);
  const large: Promise<unknown>[] = [];
  for (let owner = 0; owner < 20; owner++) {
    large.push(scheduler.admit(`large ${owner}`, 'h', 2048));
  }
  await nodePlatform.turn();
  assert.equal(scheduler.usedPages, 7 * 2048, 'the large ones use the main part only');
  for (let owner = 0; owner < 4; owner++) {
    assert.ok(scheduler.admitNow(`small ${owner}`, 'h', 256), `small ${owner} waits`);
  }
  const growing = scheduler.admitNow('growing', 'h', 16);
  assert.equal(growing?.grow(100), true);
  assert.equal(growing?.grow(1000), false, 'the share of the reserve is limited');
});

test('small guests do not keep a large one from the memory that it waits for', async () => {
  const scheduler = make(1000, 10);
  const first = await scheduler.admit('a', 'h', 800);
  const large = scheduler.admit('b', 'h', 850);
  const small = scheduler.admitNow('c', 'h', 50);
  assert.ok(small !== undefined);
  first.release();
  const ticket = await large;
  assert.equal(scheduler.usedPages, 900);
  // A guest too large for the main part runs alone, so no other guest is admitted before it.
  const whole = scheduler.admit('d', 'h', 1000);
  assert.equal(scheduler.admitNow('e', 'h', 10), undefined);
  ticket.release();
  small.release();
  await whole;
  assert.equal(scheduler.usedPages, 1000);
});

test('an owner past its share waits without delaying others', async () => {
  const scheduler = make(10, 10);
  const [first] = await Promise.all([
    scheduler.admit('a', 'h', 4),
    scheduler.admit('b', 'h', 3),
    scheduler.admit('c', 'h', 2),
  ]);
  const order: string[] = [];
  const wait = (owner: string, pages: number): Promise<unknown> =>
    scheduler.admit(owner, 'h', pages).then(() => order.push(owner));
  void wait('c', 2);
  void wait('d', 4);
  first.release();
  await nodePlatform.turn();
  assert.deepEqual(order, ['d']);
});

test('no owner can fill the queue', async () => {
  const scheduler = make(10, 8);
  await scheduler.admit('a', 'h', 10);
  const crowd = await Promise.allSettled(
    Array.from({ length: 20 }, () =>
      Promise.race([scheduler.admit('b', 'h', 1), nodePlatform.turn()]),
    ),
  );
  const refused = crowd.find((each) => each.status === 'rejected');
  assert.match(String(refused?.reason), /their share of the memory.*4 of their runs already wait/);
  assert.equal(scheduler.queued, 4);
  for (const owner of ['c', 'd', 'e', 'f']) void scheduler.admit(owner, 'h', 1);
  assert.equal(scheduler.queued, 8);
  await assert.rejects(scheduler.admit('g', 'h', 1), /All memory for guests is in use/);
});

test('one guest continues per round of the event loop, so that requests are handled between slices', async () => {
  const scheduler = make(100, 0);
  const tickets = await Promise.all(Array.from({ length: 8 }, () => scheduler.admit('a', 'h', 1)));
  let resumed = 0;
  const all = Promise.all(
    tickets.map(async (ticket) => {
      await ticket.turn();
      resumed++;
    }),
  );
  await nodePlatform.turn();
  await nodePlatform.turn();
  assert.ok(resumed <= 2, `${resumed} guests continued in two rounds`);
  await all;
});

test('guests that do not fit into memory wait, and those that do not fit into the queue are refused', async () => {
  const scheduler = make(10, 1);
  const first = await scheduler.admit('a', 'h', 8);
  const second = scheduler.admit('b', 'h', 8);
  await assert.rejects(scheduler.admit('c', 'h', 8), (error: unknown) => {
    assert.ok(error instanceof SchedulerFull);
    assert.match(error.message, /Try again/);
    return true;
  });
  assert.equal(scheduler.queued, 1);
  first.release();
  const ticket = await second;
  assert.equal(scheduler.usedPages, 8);
  ticket.release();
  assert.equal(scheduler.usedPages, 0);
  assert.equal(scheduler.running, 0);
});

test('a small guest does not overtake a large one that waits', async () => {
  const scheduler = make(10, 5);
  const first = await scheduler.admit('a', 'h', 6);
  const order: string[] = [];
  const large = scheduler.admit('b', 'h', 8).then((ticket) => {
    order.push('large');
    return ticket;
  });
  const small = scheduler.admit('c', 'h', 1).then((ticket) => {
    order.push('small');
    return ticket;
  });
  await nodePlatform.turn();
  assert.deepEqual(order, []);
  first.release();
  await Promise.all([large, small]);
  assert.deepEqual(order, ['large', 'small']);
});

test('a guest can grow only into free memory, and releases all of it once', async () => {
  const scheduler = make(10, 0);
  const ticket = await scheduler.admit('a', 'h', 4);
  assert.equal(ticket.grow(6), true);
  assert.equal(ticket.grow(1), false);
  assert.equal(scheduler.usedPages, 10);
  ticket.release();
  ticket.release();
  assert.equal(scheduler.usedPages, 0);
});

test('a caller that gives up leaves the queue', async () => {
  const scheduler = make(4, 2);
  const first = await scheduler.admit('a', 'h', 4);
  const giveUp = new AbortController();
  const waiting = scheduler.admit('a', 'h', 4, giveUp.signal);
  giveUp.abort(new Error('hung up'));
  await assert.rejects(waiting, /hung up/);
  assert.equal(scheduler.queued, 0);
  first.release();
  assert.equal(scheduler.usedPages, 0);
});

test('a growth fails if the host has no more memory, and the guest continues', async () => {
  const compiled = await compileWat(`(module
    (import "cwa" "runtime_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "_start")
      (drop (memory.grow (i32.const 3)))
      (call $exit (memory.grow (i32.const 1)))))`);
  assert.ok(compiled.ok);
  const module = await compile(compiled.module);
  const scheduler = make(4, 0);
  const ticket = await scheduler.admit('a', 'h', module.plan.initialPages);
  const { turn, grow } = ticket;
  const { exit, bill } = await run(module, { platform: nodePlatform, turn, grow });
  ticket.release();
  assert.equal(exit, -1);
  assert.equal(bill.memoryPages, 4);
});
