import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile as compileWat } from '../sdk/wat/compile.ts';
import { compile, run } from './index.ts';
import { nodePlatform } from './platform/node.ts';
import { Scheduler, SchedulerFull } from './scheduler.ts';

const make = (memoryPages: number, queueLength: number): Scheduler =>
  new Scheduler({ platform: nodePlatform, memoryPages, queueLength });

test('a handler with many busy guests gets no more turns than a handler with one', async () => {
  const scheduler = make(1000, 0);
  const turns: string[] = [];
  const work = async (handler: string, slices: number): Promise<void> => {
    const ticket = await scheduler.admit(handler, 1);
    for (let i = 0; i < slices; i++) {
      await ticket.turn();
      turns.push(handler);
    }
    ticket.release();
  };
  await Promise.all([...Array.from({ length: 20 }, () => work('crowd', 5)), work('single', 5)]);
  const last = turns.lastIndexOf('single');
  assert.ok(last <= 10, `the single guest's fifth turn was number ${last + 1}`);
  assert.equal(turns.length, 105);
});

test('one guest goes on per round of the event loop, so that requests are heard between slices', async () => {
  const scheduler = make(100, 0);
  const tickets = await Promise.all(Array.from({ length: 8 }, () => scheduler.admit('a', 1)));
  let resumed = 0;
  const all = Promise.all(
    tickets.map(async (ticket) => {
      await ticket.turn();
      resumed++;
    }),
  );
  await nodePlatform.turn();
  await nodePlatform.turn();
  assert.ok(resumed <= 2, `${resumed} guests went on in two rounds`);
  await all;
});

test('guests past the memory wait, and past the queue are refused with a sentence', async () => {
  const scheduler = make(10, 1);
  const first = await scheduler.admit('a', 8);
  const second = scheduler.admit('b', 8);
  await assert.rejects(scheduler.admit('c', 8), (error: unknown) => {
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

test('a small guest does not slip past a large one that waits', async () => {
  const scheduler = make(10, 5);
  const first = await scheduler.admit('a', 6);
  const order: string[] = [];
  const large = scheduler.admit('b', 8).then((ticket) => {
    order.push('large');
    return ticket;
  });
  const small = scheduler.admit('c', 1).then((ticket) => {
    order.push('small');
    return ticket;
  });
  await nodePlatform.turn();
  assert.deepEqual(order, []);
  first.release();
  await Promise.all([large, small]);
  assert.deepEqual(order, ['large', 'small']);
});

test('a guest grows only into memory that is there, and gives all of it back once', async () => {
  const scheduler = make(10, 0);
  const ticket = await scheduler.admit('a', 4);
  assert.equal(ticket.grow(6), true);
  assert.equal(ticket.grow(1), false);
  assert.equal(scheduler.usedPages, 10);
  ticket.release();
  ticket.release();
  assert.equal(scheduler.usedPages, 0);
});

test('a caller that gives up while it waits leaves the queue', async () => {
  const scheduler = make(4, 2);
  const first = await scheduler.admit('a', 4);
  const giveUp = new AbortController();
  const waiting = scheduler.admit('a', 4, giveUp.signal);
  giveUp.abort(new Error('hung up'));
  await assert.rejects(waiting, /hung up/);
  assert.equal(scheduler.queued, 0);
  first.release();
  assert.equal(scheduler.usedPages, 0);
});

test('a guest whose host has no more memory sees its growth fail, and goes on', async () => {
  const compiled = await compileWat(`(module
    (import "cwa" "runtime_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "_start")
      (drop (memory.grow (i32.const 3)))
      (call $exit (memory.grow (i32.const 1)))))`);
  assert.ok(compiled.ok);
  const module = await compile(compiled.module);
  const scheduler = make(4, 0);
  const ticket = await scheduler.admit('a', module.plan.initialPages);
  const { turn, grow } = ticket;
  const { exit, bill } = await run(module, { platform: nodePlatform, turn, grow });
  ticket.release();
  assert.equal(exit, -1);
  assert.equal(bill.memoryPages, 4);
});
