import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock, test } from 'node:test';
import { OpenRuns, readInterrupted } from './open-runs.ts';

const id = (last: number): string => `018f3a5c-0000-7000-8000-00000000000${last}`;
const handler = { id: id(7), versionId: id(8), ownerId: id(9) };
const startedAt = new Date(1_800_000_000_000);

function open(): {
  runs: OpenRuns;
  begin: (last: number, path?: string) => Promise<number>;
  read: () => string[];
} {
  const path = join(mkdtempSync(join(tmpdir(), 'trisiel-open-')), 'open-runs');
  const runs = new OpenRuns(path);
  return {
    runs,
    async begin(last, target = '/run/x') {
      const slot = runs.begin({ id: id(last), handler, startedAt, method: 'GET', path: target });
      await slot.written;
      return slot.number;
    },
    read: () =>
      readInterrupted(readFileSync(path, 'latin1')).map((run) => `${run.id.at(-1)} ${run.path}`),
  };
}

test('a run is listed in the file from its start until shortly after its end, even if the process is gone', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  const { runs, begin, read } = open();
  const first = await begin(1);
  await begin(2, '/run/y?\u00e9');
  assert.deepEqual(read(), ['1 /run/x', '2 /run/y?\u00e9']);
  runs.end(first);
  mock.timers.tick(1000);
  assert.deepEqual(read(), ['2 /run/y?\u00e9']);
  await begin(3);
  assert.deepEqual(read(), ['3 /run/x', '2 /run/y?\u00e9'], 'a slot is reused');
  mock.timers.tick(1000);
  assert.deepEqual(read(), ['3 /run/x', '2 /run/y?\u00e9'], 'a slot in use is not cleared');
  runs.close();
  mock.timers.reset();
  assert.equal(read().length, 2, 'runs that are active when the file is closed stay listed');
});

test('runs that start together are all in the file before any of their guests starts', async () => {
  const { runs, begin, read } = open();
  const slots = Array.from({ length: 200 }, (_, at) => begin(at % 10, `/run/${at}`));
  await slots[0];
  assert.equal(read().length, 200);
  for (const slot of slots.slice(1, -1)) runs.end(await slot);
  // Slots that are far apart are written separately.
  await Promise.all([begin(1, '/a'), begin(2, '/b')]);
  runs.close();
  assert.deepEqual(read().toSorted(), ['0 /run/0', '1 /a', '2 /b', '9 /run/199']);
});

test('a path of any length takes one slot, and invalid data in one slot does not hide runs in other slots', async () => {
  const { runs, begin, read } = open();
  await begin(1, `/${'a'.repeat(10_000)}`);
  await begin(2);
  const [long, short] = read();
  assert.match(long ?? '', /^1 \/a{50,}$/);
  assert.equal(short, '2 /run/x');
  runs.close();
  const line = `${[id(1), handler.id, handler.versionId, handler.ownerId].join(' ')} 1 GET /\n`;
  const slots = ['\0\0', line, line.replace('0', 'x'), `\n${line}`, `${line}${line}`];
  assert.equal(readInterrupted(slots.map((slot) => slot.padEnd(320, '\0')).join('')).length, 2);
  assert.equal(readInterrupted(line).length, 1);
  assert.deepEqual(readInterrupted(''), []);
});

test('runs that begin together start in turn, each when the previous one ends or waits', async () => {
  const { runs } = open();
  const steps: string[] = [];
  const run = async (name: string): Promise<void> => {
    await runs.begin({ id: id(1), handler, startedAt, method: 'GET', path: '/' }).written;
    steps.push(`${name} starts`);
    for (let turns = 0; turns < 20; turns++) await Promise.resolve();
    steps.push(`${name} ends`);
  };
  await Promise.all([run('first'), run('second')]);
  assert.deepEqual(steps, ['first starts', 'first ends', 'second starts', 'second ends']);
  runs.close();
});
