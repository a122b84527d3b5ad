import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Credentials } from './credentials.ts';

const ADA = { token: 'a.b.c', tokenId: '1', username: 'ada', expiresAt: '2027-01-01T00:00:00Z' };

async function open(t: TestContext): Promise<Credentials> {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-credentials-'));
  t.after(() => rm(folder, { recursive: true }));
  return new Credentials({ XDG_CONFIG_HOME: folder });
}

test('a token is given back for its origin alone, and forgotten', async (t) => {
  const kept = await open(t);
  assert.equal(await kept.find('https://a.example'), undefined);
  await kept.save('https://a.example', ADA);
  await kept.save('https://b.example', { ...ADA, username: 'bob' });
  assert.equal(await kept.current(), 'https://b.example');
  assert.equal((await kept.find('https://a.example'))?.username, 'ada');
  for (const other of [
    'http://a.example',
    'https://a.example:8443',
    'https://a.example.evil',
    '__proto__',
  ]) {
    assert.equal(await kept.find(other), undefined, other);
  }
  await kept.forget('https://b.example');
  assert.equal(await kept.find('https://b.example'), undefined);
  assert.equal((await kept.find('https://a.example'))?.username, 'ada');
});

test('file and folder are the user’s alone, and no draft stays', async (t) => {
  const kept = await open(t);
  await kept.save('https://a.example', ADA);
  assert.equal((await stat(kept.path)).mode & 0o777, 0o600);
  assert.equal((await stat(dirname(kept.path))).mode & 0o777, 0o700);
  assert.deepEqual(await readdir(dirname(kept.path)), ['credentials.json']);
  assert.equal(await kept.isOpenToOthers(), false);
});

test('a damaged file is told by a sentence, without what is in it', async (t) => {
  const kept = await open(t);
  await kept.save('https://a.example', ADA);
  for (const text of ['{"servers": {"x": {"token": "hunter2"}}}', '{"servers', '[]']) {
    await writeFile(kept.path, text);
    await assert.rejects(kept.find('https://a.example'), (error: Error) => {
      assert.match(error.message, /is damaged\. Delete it, and sign in again: trisiel login$/);
      return !error.message.includes('hunter2');
    });
  }
});

test('the file is where programs of the platform keep theirs', () => {
  const path = (env: Record<string, string>, platform: NodeJS.Platform): string =>
    new Credentials(env, platform).path;
  assert.equal(path({ HOME: '/home/ada' }, 'linux'), '/home/ada/.config/trisiel/credentials.json');
  assert.equal(
    path({ HOME: '/Users/ada' }, 'darwin'),
    '/Users/ada/Library/Application Support/trisiel/credentials.json',
  );
  assert.equal(path({ APPDATA: '/appdata' }, 'win32'), '/appdata/trisiel/credentials.json');
  assert.equal(
    path({ HOME: '/home/ada', XDG_CONFIG_HOME: '/x' }, 'darwin'),
    '/x/trisiel/credentials.json',
  );
});
