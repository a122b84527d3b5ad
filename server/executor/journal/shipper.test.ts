import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import type { Database } from '../../db/connection/database.ts';
import { Journal } from './journal.ts';
import { Shipper } from './shipper.ts';

test('under continuous load the shipper’s pauses become shorter as the journal grows', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-shipper-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const journal = new Journal({ folder, sync: 'interval' });
  const line = `{"output":"${'x'.repeat(400_000)}"}\n`;
  for (let lines = 0; lines < 60; lines++) await journal.append(line);
  const pauses: { readonly waitingBytes: number; readonly ms: number }[] = [];
  const begin = globalThis.setTimeout;
  t.mock.method(globalThis, 'setTimeout', (work: () => void, ms: number) => {
    pauses.push({ waitingBytes: journal.waitingBytes, ms });
    return begin(work, 0);
  });
  const drained = Promise.withResolvers<void>();
  const db: Database = {
    kind: 'postgres',
    // Guests run meanwhile.
    async query() {
      await new Promise((resolve) => begin(resolve, 5));
      await journal.append('{}\n');
      if (journal.waitingBytes === 0) drained.resolve();
      return [];
    },
    execute: () => Promise.resolve([]),
    transaction: (work) => work(db),
    listen: () => Promise.resolve(() => Promise.resolve()),
    close: () => Promise.resolve(),
  };
  const shipper = new Shipper({ journal, folder, db, log: pino({ level: 'silent' }) });
  shipper.start();
  await drained.promise;
  journal.close();
  await shipper.close();
  const full = pauses.filter(({ waitingBytes }) => waitingBytes >= 16 * 1024 * 1024);
  assert.ok(
    full.every(({ ms }) => ms === 0),
    JSON.stringify(full),
  );
  const rest = pauses.filter(({ waitingBytes }) => waitingBytes <= 2 * 1024 * 1024);
  assert.ok(rest.some(({ ms }) => ms > 15));
});
