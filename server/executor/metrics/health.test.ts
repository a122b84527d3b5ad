/** Health and metrics pages of an executor, and who may read them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fastify, type FastifyInstance } from 'fastify';
import type { Database } from '../../db/connection/database.ts';
import type { ObjectStore } from '../../store/store.ts';
import { addHealthPages } from './health.ts';
import { MemoryProbe } from './memory-probe.ts';
import { ExecutorMetrics } from './metrics.ts';

interface World {
  readonly isOpen?: boolean;
  readonly isEnding?: boolean;
  readonly isDatabaseThere?: boolean;
  readonly isStoreThere?: boolean;
  readonly memory?: Pick<MemoryProbe, 'check'>;
  readonly metricsToken?: string;
}

function pages({
  isOpen = true,
  isEnding = false,
  isDatabaseThere = true,
  isStoreThere = true,
  memory = new MemoryProbe(),
  metricsToken,
}: World = {}): FastifyInstance {
  const outcome = async (isThere: boolean): Promise<void> => {
    if (!isThere) throw new Error('postgres://user:secret@host/ is away');
  };
  const db: Pick<Database, 'query'> = {
    query: async () => {
      await outcome(isDatabaseThere);
      return [];
    },
  };
  const store: Pick<ObjectStore, 'check'> = { check: () => outcome(isStoreThere) };
  const app = fastify();
  const health = { isOpen, isEnding };
  addHealthPages(app, { db, store, metrics: new ExecutorMetrics(), memory, health, metricsToken });
  return app;
}

test('an executor reports that it is ready or what is missing, without revealing addresses', async () => {
  assert.equal((await pages().inject('/readyz')).statusCode, 200);
  for (const [world, detail] of [
    [{ isOpen: false }, 'The server is starting.'],
    [{ isEnding: true }, 'The server is stopping.'],
    [{ isDatabaseThere: false }, 'The database cannot be reached.'],
    [{ isStoreThere: false }, 'The object store cannot be reached.'],
    [{ memory: new MemoryProbe(noMemory) }, 'No memory can be allocated for a run.'],
  ] as const) {
    const answer = await pages(world).inject('/readyz');
    assert.deepEqual([answer.statusCode, answer.headers['retry-after']], [503, '2']);
    assert.equal(answer.json<{ detail: string }>().detail, detail);
    assert.equal((await pages(world).inject('/healthz')).statusCode, 200, 'it lives');
  }
});

test('frequent readiness checks allocate a memory at most once a second', async () => {
  let now = 0;
  let made = 0;
  const probe = new MemoryProbe(
    () => {
      made += 1;
      if (made === 2) noMemory();
    },
    () => now,
  );
  const app = pages({ memory: probe });
  const ask = async () => (await app.inject('/readyz')).statusCode;
  assert.deepEqual([await ask(), await ask(), made], [200, 200, 1]);
  now = 1000;
  assert.deepEqual([await ask(), await ask(), made], [503, 503, 2]);
  now = 2000;
  assert.deepEqual([await ask(), made], [200, 3]);
});

function noMemory(): never {
  throw new RangeError('WebAssembly.Memory(): could not allocate memory');
}

test('metrics are available to this machine, but not through a proxy on it', async () => {
  const app = pages();
  const ask = async (remoteAddress: string, headers: Record<string, string> = {}) =>
    (await app.inject({ url: '/metrics', remoteAddress, headers })).statusCode;
  for (const own of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) assert.equal(await ask(own), 200);
  for (const other of ['10.0.0.1', '::ffff:10.0.0.1', '203.0.113.127', '::2', '::11']) {
    assert.equal(await ask(other), 404, other);
  }
  assert.equal(await ask('127.0.0.1', { 'x-forwarded-for': '127.0.0.1' }), 404);
  assert.equal(await ask('127.0.0.1', { forwarded: 'for=127.0.0.1' }), 404);
});

test('with METRICS_TOKEN, metrics are available from anywhere with that token', async () => {
  const app = pages({ metricsToken: 'operator-0123456789' });
  const ask = async (authorization?: string) => {
    const headers = authorization === undefined ? {} : { authorization };
    return app.inject({ url: '/metrics', remoteAddress: '10.0.0.1', headers });
  };
  assert.equal((await ask()).statusCode, 404);
  assert.equal((await ask('Bearer operator-012345678')).statusCode, 404);
  assert.equal((await ask('operator-0123456789')).statusCode, 404);
  const told = await ask('Bearer operator-0123456789');
  assert.equal(told.statusCode, 200);
  for (const name of [
    'trisiel_runs_total',
    'trisiel_run_seconds',
    'trisiel_run_gas_total',
    'trisiel_run_memory_pages',
    'trisiel_refused_total',
    'trisiel_handler_lookups_total',
  ]) {
    assert.match(told.body, new RegExp(`^# TYPE ${name} `, 'm'));
  }
});
