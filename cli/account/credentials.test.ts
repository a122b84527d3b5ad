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

test('a token is returned only for its origin, and can be removed', async (t) => {
  const credentials = await open(t);
  assert.equal(await credentials.find('https://a.example'), undefined);
  await credentials.save('https://a.example', ADA);
  await credentials.save('https://b.example', { ...ADA, username: 'bob' });
  assert.equal(await credentials.current(), 'https://b.example');
  assert.equal((await credentials.find('https://a.example'))?.username, 'ada');
  for (const other of [
    'http://a.example',
    'https://a.example:8443',
    'https://a.example.evil',
    '__proto__',
  ]) {
    assert.equal(await credentials.find(other), undefined, other);
  }
  await credentials.forget('https://b.example');
  assert.equal(await credentials.find('https://b.example'), undefined);
  assert.equal((await credentials.find('https://a.example'))?.username, 'ada');
});

test('only the user can read the file and its folder, and no draft remains', async (t) => {
  const credentials = await open(t);
  await credentials.save('https://a.example', ADA);
  assert.equal((await stat(credentials.path)).mode & 0o777, 0o600);
  assert.equal((await stat(dirname(credentials.path))).mode & 0o777, 0o700);
  assert.deepEqual(await readdir(dirname(credentials.path)), ['credentials.json']);
  assert.equal(await credentials.isOpenToOthers(), false);
});

test('a damaged file is reported without quoting its contents', async (t) => {
  const credentials = await open(t);
  await credentials.save('https://a.example', ADA);
  for (const text of ['{"servers": {"x": {"token": "hunter2"}}}', '{"servers', '[]']) {
    await writeFile(credentials.path, text);
    await assert.rejects(credentials.find('https://a.example'), (error: Error) => {
      assert.match(error.message, /is damaged\. Delete it, and sign in again: trisiel login$/);
      return !error.message.includes('hunter2');
    });
  }
});

test('the file is in the platform’s configuration folder', () => {
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
