/** The standing of modules in the database, on PGlite and on PostgreSQL. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '../../server/db/connection/database.ts';
import { insertHandler } from '../../server/db/handlers/handlers.ts';
import { findRunnable } from '../../server/db/handlers/runnable.ts';
import {
  addGoodRuns,
  findStanding,
  forgetStandings,
  liftQuarantine,
  quarantine,
  sendToProbation,
  trustForGood,
  type OwnedModule,
} from '../../server/db/handlers/standing.ts';
import { upsertUser } from '../../server/db/accounts/users.ts';
import { activateVersion, insertVersion } from '../../server/db/handlers/versions.ts';
import { atEnd } from '../setup/at-end.ts';
import { onOneDatabase } from '../setup/servers/databases.ts';

const DIGEST = 'a'.repeat(64);
const HOURS = 24;

async function newModule(db: Database, name: string, digest = DIGEST): Promise<OwnedModule> {
  return db.transaction(async (tx) => {
    const user = await upsertUser(tx, {
      issuer: 'test',
      subject: name,
      username: name,
      email: null,
      isAdmin: false,
    });
    const handler = await insertHandler(tx, {
      ownerId: user.id,
      name,
      description: '',
      mode: 'sync',
      isPrivate: false,
    });
    assert.ok(handler);
    const version = await insertVersion(tx, {
      handlerId: handler.id,
      digest,
      meteredDigest: digest,
      imageDigest: null,
      bytes: 1,
      report: { imports: [], memoryPages: 0, functions: 0, features: [] },
      note: '',
      createdBy: user.id,
    });
    await activateVersion(tx, { handlerId: handler.id, versionId: version.id, userId: user.id });
    return { ownerId: user.id, digest };
  });
}

onOneDatabase('standings of modules', (databases) => {
  test('a module is trusted after enough good runs, and executors are notified then', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const module = await newModule(db, 'first');
    const notices: string[] = [];
    atEnd(t, await db.listen('trisiel_handlers', (name) => void notices.push(name)));
    assert.deepEqual((await findRunnable(db, 'first'))?.standing, { state: 'unknown' });
    await db.transaction((tx) => addGoodRuns(tx, module, 2, 5));
    assert.deepEqual(await findStanding(db, module), { state: 'probation', goodRuns: 2 });
    assert.deepEqual(notices, []);
    await db.transaction((tx) => addGoodRuns(tx, module, 3, 5));
    assert.deepEqual((await findRunnable(db, 'first'))?.standing, { state: 'trusted' });
    while (notices.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(notices, ['first']);
  });

  test('a trusted module returns to probation, and must earn trust again', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const module = await newModule(db, 'second');
    await db.transaction((tx) => addGoodRuns(tx, module, 5, 5));
    await db.transaction((tx) => sendToProbation(tx, [module, module]));
    assert.deepEqual(await findStanding(db, module), { state: 'probation', goodRuns: 0 });
    await db.transaction((tx) => addGoodRuns(tx, module, 4, 5));
    assert.deepEqual(await findStanding(db, module), { state: 'probation', goodRuns: 4 });
  });

  test('a quarantine ends with one trial, and the next one is longer', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const module = await newModule(db, 'third');
    await db.transaction((tx) => quarantine(tx, [module], 'crashed', HOURS));
    const first = await findStanding(db, module);
    assert.ok(first.state === 'quarantined' && first.reason === 'crashed');
    assert.equal(hoursOf(first), HOURS);
    await db.transaction((tx) => quarantine(tx, [module], 'hung', HOURS));
    await db.transaction((tx) => addGoodRuns(tx, module, 100, 1));
    await db.transaction((tx) => sendToProbation(tx, [module]));
    assert.deepEqual(
      await findStanding(db, module),
      first,
      'only time or an administrator ends it',
    );
    await db.execute(`update module_standings set retry_at = now() - interval '1 second'`);
    assert.equal((await findStanding(db, module)).state, 'probation');
    await db.transaction((tx) => quarantine(tx, [module], 'hung', HOURS));
    const second = await findStanding(db, module);
    assert.ok(second.state === 'quarantined' && second.reason === 'hung');
    assert.equal(hoursOf(second), 2 * HOURS);
    await db.execute(`update module_standings set retry_at = now() - interval '1 second'`);
    await db.transaction((tx) => addGoodRuns(tx, module, 3, 5));
    assert.deepEqual(await findStanding(db, module), { state: 'probation', goodRuns: 3 });
  });

  test('an administrator lifts a quarantine once', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const module = await newModule(db, 'fourth');
    await db.transaction((tx) => quarantine(tx, [module], 'memory', HOURS));
    assert.equal(await db.transaction((tx) => liftQuarantine(tx, module)), true);
    assert.deepEqual(await findStanding(db, module), { state: 'probation', goodRuns: 0 });
    assert.equal(await db.transaction((tx) => liftQuarantine(tx, module)), false);
  });

  test('the same module of another owner is not affected', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const bad = await newModule(db, 'bad-owner');
    const good = await newModule(db, 'good-owner');
    await db.transaction((tx) => addGoodRuns(tx, good, 5, 5));
    await db.transaction((tx) => quarantine(tx, [bad], 'crashed', HOURS));
    assert.equal((await findStanding(db, good)).state, 'trusted');
  });

  test('a module deployed by the operator is always trusted', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const module = await newModule(db, 'example');
    await db.transaction((tx) => trustForGood(tx, module));
    await db.transaction((tx) => sendToProbation(tx, [module]));
    await db.transaction((tx) => quarantine(tx, [module], 'crashed', HOURS));
    assert.deepEqual(await findStanding(db, module), { state: 'trusted' });
  });

  test('removing a module deletes its standing, unless it was quarantined', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const good = await newModule(db, 'good');
    const bad = await newModule(db, 'bad', 'b'.repeat(64));
    await db.transaction((tx) => addGoodRuns(tx, good, 1, 5));
    await db.transaction((tx) => quarantine(tx, [bad], 'crashed', HOURS));
    for (const { digest } of [good, bad]) await db.transaction((tx) => forgetStandings(tx, digest));
    assert.equal((await findStanding(db, good)).state, 'unknown');
    assert.equal((await findStanding(db, bad)).state, 'quarantined');
  });
});

function hoursOf({ quarantinedAt, retryAt }: { quarantinedAt: Date; retryAt: Date }): number {
  return (retryAt.getTime() - quarantinedAt.getTime()) / 3_600_000;
}
