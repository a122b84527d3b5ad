/** Outages of the object store, with files and with a real S3 server, and a deploy every second, all under load. */
import assert from 'node:assert/strict';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { startS3 } from '../../scripts/services/s3-server.ts';
import { atEnd } from '../setup/at-end.ts';
import { pause, RECOVERY_MS, startLoad } from '../setup/servers/fault-load.ts';
import { expectAll, startFaultWorld, type FaultWorld } from '../setup/servers/fault-world.ts';
import { useTestPostgres } from '../setup/servers/test-postgres.ts';

suite('the object store and deploys, under load', () => {
  const postgres = useTestPostgres();

  test('a deploy every second: no request fails, and every executor soon uses the new version', async (t) => {
    const databaseUrl = await postgres.migrated(t);
    if (databaseUrl === undefined) return;
    const world = await startFaultWorld(t, databaseUrl);
    const load = startLoad(t, world.url);
    await load.isKnown();
    const tookMs: number[] = [];
    for (const version of ['1', '2', '3', '4', '5', '6']) {
      const began = performance.now();
      await world.deploy(version);
      const deployedAt = performance.now();
      // Eight concurrent calls in two processes: the old version may still be running.
      while (load.lastText !== version) {
        assert.ok(performance.now() - deployedAt < RECOVERY_MS, `${version} was not seen`);
        await pause(5);
      }
      tookMs.push(performance.now() - deployedAt);
      await pause(Math.max(0, 1000 - (performance.now() - began)));
    }
    t.diagnostic(`a new version was seen after ${tookMs.map(Math.round).join(', ')} ms`);
    await load.stop();
    assert.deepEqual(load.failures, []);
    await expectAll(t, world, load.acknowledged);
  });

  test('files removed: a cached handler continues, others get a 503, and all work when the files are back', async (t) => {
    const databaseUrl = await postgres.migrated(t);
    if (databaseUrl === undefined) return;
    const world = await startFaultWorld(t, databaseUrl);
    const modules = join(world.folder, 'modules');
    await loseStore(t, world, {
      halt: () => rename(modules, `${modules}-away`),
      async start() {
        // The check for write access creates the folder.
        await rm(modules, { recursive: true, force: true });
        await rename(`${modules}-away`, modules);
      },
    });
  });

  test('the S3 server killed: a cached handler continues, others get a 503, and all work when it is back', async (t) => {
    const databaseUrl = await postgres.migrated(t);
    if (databaseUrl === undefined) return;
    const s3 = await startS3();
    if ('reason' in s3) return t.skip(s3.reason);
    atEnd(t, () => s3.stop());
    const world = await startFaultWorld(t, databaseUrl, { s3: s3.settings });
    await loseStore(t, world, s3);
  });
});

interface LostStore {
  halt(): Promise<void>;
  start(): Promise<void>;
}

async function loseStore(t: TestContext, world: FaultWorld, store: LostStore): Promise<void> {
  const { authors, author, origin, name } = world;
  const unknown = `${name}-unknown`;
  await authors.deploy(author, { name: unknown, body: '(call $show "Status: 204\\n\\n")' });
  const load = startLoad(t, world.url);
  await load.isKnown();
  await store.halt();
  const refused = await fetch(`${origin}/run/${unknown}/`);
  const problem: { detail?: string } = JSON.parse(await refused.text());
  assert.equal(refused.status, 503);
  assert.match(problem.detail ?? '', /^[A-Z].*\.$/);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  await load.answersAfter(performance.now() + 500);
  await store.start();
  const backAt = performance.now();
  while ((await fetch(`${origin}/run/${unknown}/`)).status !== 204) {
    assert.ok(performance.now() - backAt < RECOVERY_MS, 'the unknown handler is not found');
    await pause(20);
  }
  await world.deploy('after');
  while (load.lastText !== 'after') {
    assert.ok(performance.now() - backAt < RECOVERY_MS, 'a deploy was not seen');
    await pause(20);
  }
  t.diagnostic(`all is well ${Math.round(performance.now() - backAt)} ms after the return`);
  await load.stop();
  assert.deepEqual(load.failures, []);
  await expectAll(t, world, load.acknowledged);
}
