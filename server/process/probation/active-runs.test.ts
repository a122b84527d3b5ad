import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock, test } from 'node:test';
import { ActiveRuns, readActiveRuns } from './active-runs.ts';

const OWNER = '018f3a5c-0000-7000-8000-000000000001';
const digest = (letter: string): string => letter.repeat(64);
const folder = mkdtempSync(join(tmpdir(), 'trisiel-active-'));

function listed(path: string): string {
  return readActiveRuns(path)
    .map((each) => each.digest[0])
    .sort((a = '', b = '') => a.localeCompare(b, 'en'))
    .join('');
}

test('active modules are listed in a file that outlives the process, and in a probation process only these', () => {
  const path = join(folder, 'exact');
  const runs = new ActiveRuns({ path, isExact: true });
  const first = runs.begin(OWNER, digest('a'));
  const second = runs.begin(OWNER, digest('a'));
  const other = runs.begin(OWNER, digest('b'));
  assert.deepEqual(readActiveRuns(path)[0], { ownerId: OWNER, digest: digest('a') });
  assert.equal(listed(path), 'ab');
  first.end();
  other.end();
  assert.equal(listed(path), 'a');
  runs.begin(OWNER, digest('c'));
  assert.equal(listed(path), 'ac');
  second.end();
  assert.equal(listed(path), 'c');
  runs.close();
  runs.begin(OWNER, digest('d')).end();
  assert.deepEqual(readdirSync(folder), [], 'a process that exits normally leaves no list');
});

test('a busy handler is listed once, not once per run', () => {
  mock.timers.enable({ apis: ['setInterval'] });
  const path = join(folder, 'shared');
  const runs = new ActiveRuns({ path, isExact: false });
  runs.begin(OWNER, digest('a')).end();
  const long = runs.begin(OWNER, digest('b'));
  assert.equal(listed(path), 'ab');
  mock.timers.tick(1000);
  assert.equal(listed(path), 'ab');
  mock.timers.tick(1000);
  assert.equal(listed(path), 'b', 'a handler without runs is removed after a while');
  long.end();
  mock.timers.tick(2000);
  assert.equal(listed(path), '');
  mock.timers.reset();
  runs.close();
});
