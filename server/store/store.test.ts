import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { startS3 } from '../../scripts/services/s3-server.ts';
import { openFileStore } from './files.ts';
import { openS3Store } from './s3.ts';
import { digestOf, keyOf, type ObjectStore } from './store.ts';

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-store-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function checkStore(store: ObjectStore): Promise<void> {
  const bytes = crypto.getRandomValues(new Uint8Array(70_000).subarray(0, 60_000));
  await store.check();
  assert.equal(
    await store.get(await digestOf(bytes)),
    undefined,
    'an object that was never stored',
  );
  const digest = await store.put(bytes);
  assert.equal(digest, await digestOf(bytes));
  assert.equal(await store.put(bytes), digest, 'putting again');
  assert.deepEqual(await store.get(digest), Uint8Array.from(bytes));
  assert.deepEqual(await store.get(await store.put(new Uint8Array())), new Uint8Array());
  const many = await Promise.all(
    Array.from({ length: 20 }, () => store.put(Uint8Array.of(1, 2, 3))),
  );
  assert.equal(new Set(many).size, 1, 'the same bytes concurrently');
  await store.remove(digest);
  assert.equal(await store.get(digest), undefined, 'what was removed');
  await store.remove(digest);
  await store.put(bytes);
  assert.deepEqual(await store.get(digest), Uint8Array.from(bytes), 'bytes that were stored again');
}

suite('the store of modules', () => {
  test('in files returns what was stored, by digest', async (t) => {
    const folder = await temporaryFolder(t);
    await checkStore(openFileStore(folder));
    const left = await readdir(folder, { recursive: true });
    assert.deepEqual(
      left.filter((name) => /\.[0-9a-f-]{36}$/.test(name)),
      [],
      'no drafts are left',
    );
  });

  test('in files refuses content that was modified on disk', async (t) => {
    const folder = await temporaryFolder(t);
    const store = openFileStore(folder);
    const digest = await store.put(Uint8Array.of(1, 2, 3));
    await writeFile(join(folder, keyOf(digest)), 'other');
    await assert.rejects(store.get(digest), /does not match its digest/);
    await store.put(Uint8Array.of(1, 2, 3));
    assert.deepEqual(
      await store.get(digest),
      Uint8Array.of(1, 2, 3),
      'storing replaces a truncated file',
    );
  });

  test('refuses a digest that could point outside its folder', async (t) => {
    const store = openFileStore(await temporaryFolder(t));
    await assert.rejects(store.get('../../../../etc/passwd'), /64 hexadecimal/);
  });

  test('in a bucket of a real S3 server returns what was stored', async (t) => {
    const server = await startS3();
    if ('reason' in server) return t.skip(server.reason);
    t.after(() => server.stop());
    await checkStore(openS3Store(server.settings));
    const wrongKey = openS3Store({ ...server.settings, secretAccessKey: 'wrong' });
    await assert.rejects(
      wrongKey.put(Uint8Array.of(9)),
      /responded with 403 \(SignatureDoesNotMatch.*S3_SECRET_ACCESS_KEY/,
    );
    await assert.rejects(wrongKey.check(), /SignatureDoesNotMatch/);
    const noBucket = openS3Store({ ...server.settings, bucket: 'not-there' });
    await assert.rejects(noBucket.check(), /responded with 404 \(NoSuchBucket.*S3_BUCKET/);
    await assert.rejects(noBucket.get(await digestOf(Uint8Array.of(9))), /NoSuchBucket/);
  });

  test('in an unreachable bucket reports that it is unreachable', async () => {
    const store = openS3Store({
      endpoint: 'http://127.0.0.1:1',
      region: 'r',
      bucket: 'b',
      accessKeyId: 'i',
      secretAccessKey: 's',
    });
    await assert.rejects(store.check(), /cannot be reached/);
  });
});
