/** The journal of runs: refusals when it is full, and recovery after a process died. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUIDv7 } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pino } from 'pino';
import type { Database } from '../../server/db/connection/database.ts';
import { upsertUser } from '../../server/db/accounts/users.ts';
import { insertHandler } from '../../server/db/handlers/handlers.ts';
import { insertVersion } from '../../server/db/handlers/versions.ts';
import type { NewExecution } from '../../server/db/runs/executions.ts';
import { Journal } from '../../server/executor/journal/journal.ts';
import { writeLine } from '../../server/executor/journal/line.ts';
import { Shipper } from '../../server/executor/journal/shipper.ts';
import { atEnd } from '../setup/at-end.ts';
import { onEachDatabase } from '../setup/servers/databases.ts';
import { startExecutor } from '../setup/servers/executor-server.ts';

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-journal-'));
  atEnd(t, () => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('a journal that fails rejects every waiting write', async (t) => {
  const journal = new Journal({ folder: await temporaryFolder(t), sync: 'interval' });
  journal.close();
  const outcomes = await Promise.allSettled([journal.append('a\n'), journal.append('b\n')]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
});

test('a journal that is not shipped becomes full, and accepts runs again after shipping', async (t) => {
  const folder = await temporaryFolder(t);
  const journal = new Journal({ folder, sync: 'interval', maxWaitingBytes: 4 * 1024 * 1024 });
  atEnd(t, () => journal.close());
  const line = `${'x'.repeat(1024 * 1024)}\n`;
  for (let lines = 0; lines < 20 && !journal.isFull; lines++) await journal.append(line);
  const { number } = journal.position;
  assert.equal(journal.isFull, true);
  assert.equal(number, 4);
  journal.onShipped(number);
  assert.equal(journal.isFull, false);
});

test('callers are slowed down before they are refused when the database falls behind', async (t) => {
  const folder = await temporaryFolder(t);
  const journal = new Journal({ folder, sync: 'interval', maxWaitingBytes: 32 * 1024 * 1024 });
  atEnd(t, () => journal.close());
  const delays: number[] = [];
  const begin = globalThis.setTimeout;
  t.mock.method(globalThis, 'setTimeout', (work: () => void, ms: number) => {
    delays.push(ms);
    return begin(work, 0);
  });
  const line = `${'x'.repeat(1024 * 1024)}\n`;
  await journal.append(line);
  assert.deepEqual(delays, [], 'nobody waits while the database keeps up');
  while (!journal.isFull) await journal.append(line);
  assert.deepEqual(
    delays,
    delays.toSorted((a, b) => a - b),
  );
  assert.ok((delays[0] ?? 100) < 20 && delays.at(-1) === 100, delays.join(', '));
});

test('if the disk refuses a new file, lines go to the old one and none is lost', async (t) => {
  const folder = await temporaryFolder(t);
  const journal = new Journal({ folder, sync: 'interval' });
  await journal.append('a\n');
  const kept = join(folder, 'kept');
  await rename(journal.folder, kept);
  assert.equal(journal.rotate(), false);
  await journal.append('b\n');
  journal.close();
  assert.equal(await readFile(join(kept, '00000001.jsonl'), 'utf8'), 'a\nb\n');
});

onEachDatabase('the journal', (databases) => {
  test('runs are answered and recorded with JOURNAL_SYNC=always too', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors, run } = await startExecutor(t, db, {
      environment: { JOURNAL_SYNC: 'always' },
    });
    const body = '(call $show "Content-Type: text/plain\\n\\nx")';
    await authors.deploy(await authors.make(), { name: 'safe', body });
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => fetch(`${origin}/run/safe/`)),
    );
    for (const answer of answers) {
      assert.equal(answer.status, 200);
      await run(answer.headers.get('trisiel-execution'));
    }
  });

  test('the lines of a dead process are recorded once, also in the old format; a cut-off or refused line does not block others', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const folder = await temporaryFolder(t);
    const run = await makeRuns(db);
    const good = Array.from({ length: 20 }, () => run());
    // The handler does not exist, so the database refuses the run.
    const refused = run({ handlerId: randomUUIDv7() });
    const cut = run();
    // The earlier format of lines: times as text, fields in another order.
    const [first, ...others] = good;
    const older = `${JSON.stringify({ startedAt: first?.startedAt, ...first, output: '', errorOutput: '' })}\n`;
    const lines = [older, ...[...others.slice(0, 8), refused, ...others.slice(8)].map(writeLine)];
    const { pid } = spawnSync(process.execPath, ['--version']);
    // Written twice, as if a shipper died after the first batch was recorded.
    const dead = join(folder, `${pid}-1-${randomUUIDv7()}`);
    await mkdir(dead);
    await writeFile(join(dead, '00000001.jsonl'), lines.join(''));
    await writeFile(
      join(dead, '00000002.jsonl'),
      lines.slice(0, 5).join('') + writeLine(cut).slice(0, 60),
    );
    const journal = new Journal({ folder, sync: 'interval' });
    const shipper = new Shipper({ journal, folder, db, log: pino({ level: 'silent' }) });
    shipper.start();
    const count = async (): Promise<number> => {
      const [row] = await db.query<{ n: number }>('select count(*)::int as n from executions');
      return row?.n ?? 0;
    };
    const until = performance.now() + 30_000;
    while ((await count()) < good.length || (await readdir(folder)).includes(dead)) {
      assert.ok(performance.now() < until, `${await count()} rows`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    journal.close();
    await shipper.close();
    assert.equal(await count(), good.length);
    const [usage] = await db.query<{ runs: number }>('select runs from usage_days');
    assert.equal(usage?.runs, good.length, 'no run may be counted twice');
    const kept = await readFile(join(folder, 'refused.jsonl'), 'utf8');
    assert.ok(kept.includes(refused.id), 'the refused run must be kept for the operator');
    assert.deepEqual(await readdir(folder), ['refused.jsonl']);
  });

  test('the unfinished runs of a killed process are recorded as interrupted, and its finished runs with their result', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const folder = await temporaryFolder(t);
    const run = await makeRuns(db);
    const [ended, cut] = [run(), run()];
    const journal = new Journal({ folder, sync: 'interval' });
    const { id: versionId } = await insertVersion(db, {
      handlerId: cut.handlerId,
      digest: 'a'.repeat(64),
      meteredDigest: 'b'.repeat(64),
      imageDigest: null,
      bytes: 1,
      report: { imports: [], memoryPages: 1, functions: 1, features: [] },
      note: '',
      createdBy: cut.ownerId,
    });
    for (const { id, handlerId, ownerId, startedAt } of [ended, cut]) {
      const handler = { id: handlerId, versionId, ownerId };
      journal.openRuns.begin({ id, handler, startedAt, method: 'PUT', path: '/run/a?b' });
    }
    await journal.append(writeLine(ended));
    // As if the journal belonged to another process that is gone.
    journal.close();
    const { pid } = spawnSync(process.execPath, ['--version']);
    await rename(journal.folder, join(folder, `${pid}-1-${randomUUIDv7()}`));
    const next = new Journal({ folder, sync: 'interval' });
    next.close();
    await new Shipper({ journal: next, folder, db, log: pino({ level: 'silent' }) }).close();
    const rows = await db.query(
      'select id, status, method, path, version_id, started_at from executions order by status desc',
    );
    assert.deepEqual(rows, [
      {
        id: ended.id,
        status: ended.status,
        method: ended.method,
        path: ended.path,
        version_id: null,
        started_at: ended.startedAt,
      },
      {
        id: cut.id,
        status: 'interrupted',
        method: 'PUT',
        path: '/run/a?b',
        version_id: versionId,
        started_at: cut.startedAt,
      },
    ]);
    const [usage] = await db.query<{ runs: number }>('select runs from usage_days');
    assert.equal(usage?.runs, 2);
    assert.deepEqual(await readdir(folder), []);
  });

  test('a line that is unreadable or always refused does not prevent others from being recorded', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const folder = await temporaryFolder(t);
    const run = await makeRuns(db);
    const poisoned = (): NewExecution =>
      run({ gas: 77, log: [{ level: 1, text: 'poison', atMs: 0 }] });
    const good = Array.from({ length: 10 }, () => run());
    const bad = [poisoned(), poisoned()];
    const endless = `{"id":"${'x'.repeat(7 * 1024 * 1024)}"}\n`;
    const [first, second] = [good.slice(0, 5), good.slice(5)].map((runs) => runs.map(writeLine));
    const { pid } = spawnSync(process.execPath, ['--version']);
    const dead = join(folder, `${pid}-1-${randomUUIDv7()}`);
    await mkdir(dead);
    const left = [bad[0]].filter((each) => each !== undefined).map(writeLine);
    await writeFile(
      join(dead, '00000001.jsonl'),
      [...left, ...(first ?? []), 'no record\n', endless].join(''),
    );
    const journal = new Journal({ folder, sync: 'interval' });
    let setAside = 0;
    const shipper = new Shipper({
      journal,
      folder,
      db: refusing(db, 'poison'),
      log: pino({ level: 'silent' }),
      onSetAside: () => (setAside += 1),
    });
    for (const line of [...bad.slice(1).map(writeLine), ...(second ?? [])]) {
      await journal.append(line);
    }
    journal.close();
    await shipper.close();
    const rows = await db.query<{ id: string; log_text: string; gas: number }>(
      'select id, log_text, gas from executions order by id',
    );
    assert.deepEqual(
      rows.map(({ id }) => id),
      [...good, ...bad].map(({ id }) => id).sort(),
    );
    const refused = rows.filter(({ gas }) => gas === 77);
    assert.deepEqual(
      refused.map(({ log_text }) => log_text),
      ['', ''],
      'the run must be recorded without the refused text',
    );
    assert.equal(setAside, 4);
    const kept = await readFile(join(folder, 'refused.jsonl'), 'utf8');
    assert.equal(kept.split('\n').length, 5);
    for (const { id } of bad) assert.ok(kept.includes(id), 'the whole record must be kept');
    assert.deepEqual(await readdir(folder), ['refused.jsonl']);
  });
});

/** Creates an owner and a handler. Returns a function that makes runs of the handler. */
async function makeRuns(db: Database): Promise<(change?: Partial<NewExecution>) => NewExecution> {
  const user = await upsertUser(db, {
    issuer: 'test',
    subject: 'journal',
    username: 'journal',
    email: null,
    isAdmin: false,
  });
  const handler = await insertHandler(db, {
    ownerId: user.id,
    name: 'journal',
    description: '',
    mode: 'sync',
    isPrivate: false,
  });
  assert.ok(handler);
  return (change = {}) => {
    const id = randomUUIDv7();
    return { ...ROW, id, callId: id, handlerId: handler.id, ownerId: user.id, ...change };
  };
}

/** A database that refuses a certain text, as PostgreSQL refuses one that is too long. */
function refusing(db: Database, text: string): Database {
  return {
    ...db,
    async query(statement, values) {
      if (!String(values?.[0]).includes(text)) return db.query(statement, values);
      throw Object.assign(new Error('string too long'), { code: '54000' });
    },
  };
}

const ROW: Omit<NewExecution, 'id' | 'callId' | 'handlerId' | 'ownerId'> = {
  versionId: null,
  mode: 'sync',
  attempt: 1,
  status: 'succeeded',
  method: 'GET',
  path: '/run/journal/',
  httpStatus: 200,
  exitCode: 0,
  trap: null,
  gas: 1,
  memoryPages: 1,
  calls: {},
  urls: [],
  bytesIn: 0,
  bytesOut: 0,
  wallMs: 1,
  output: new Uint8Array(),
  errorOutput: new Uint8Array(),
  log: [],
  trace: null,
  startedAt: new Date(),
};
