/**
 * `JOURNAL_SYNC=always`: no run is acknowledged before it is on the disk. A separate file, because it delays disk
 * writes.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { atEnd } from '../setup/at-end.ts';

// The journal imports these functions when it is loaded.
const held: (() => void)[] = [];
let isHolding = false;
const sync = fs.fdatasync;
Object.assign(fs, {
  fdatasync(fd: number, done: (error: NodeJS.ErrnoException | null) => void) {
    if (isHolding) held.push(() => sync(fd, done));
    else sync(fd, done);
  },
});
syncBuiltinESMExports();
const { Journal } = await import('../../server/executor/journal/journal.ts');

test('JOURNAL_SYNC=always: a run is acknowledged only when it is on the disk', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-journal-'));
  atEnd(t, () => rm(folder, { recursive: true, force: true }));
  const journal = new Journal({ folder, sync: 'always' });
  atEnd(t, () => journal.close());
  isHolding = true;
  atEnd(t, () => (isHolding = false));
  let isKept = false;
  const keeping = journal.append('{}\n').then(() => (isKept = true));
  while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(isKept, false, 'it was acknowledged before it was on the disk');
  isHolding = false;
  for (const go of held.splice(0)) go();
  await keeping;
  assert.equal(await readFile(journal.path(1), 'utf8'), '{}\n');
});
