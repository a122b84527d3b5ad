import assert from 'node:assert/strict';
import { test } from 'node:test';
import loadWabt from 'wabt';
import { pino } from 'pino';
import { openSnapshot, prepareModule, run } from '../../../olin/index.ts';
import { nodePlatform } from '../../../olin/platform/node.ts';
import type { StoredModule } from '../../db/handlers/versions.ts';
import { digestOf, type ObjectStore } from '../../store/store.ts';
import { ModuleLoader } from './load-module.ts';

/** Its hook keeps the input; its program writes it to standard output. */
const ECHO = `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1) (data (i32.const 0) "\\40\\00\\00\\00\\40\\00\\00\\00")
  (func (export "trisiel_initialize")
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4))))
  (func (export "_start")
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))`;

const wabt = await loadWabt();
const echo = await openSnapshot(Uint8Array.from(wabt.parseWat('a', ECHO).toBinary({}).buffer));

/** A store in memory, and how often each object was read. */
async function makeStore() {
  const objects = new Map<string, Uint8Array<ArrayBuffer>>();
  const reads = new Map<string, number>();
  const put = async (bytes: Uint8Array): Promise<string> => {
    const digest = await digestOf(bytes);
    objects.set(digest, Uint8Array.from(bytes));
    return digest;
  };
  const store: ObjectStore = {
    kind: 'files',
    put,
    async get(digest) {
      reads.set(digest, (reads.get(digest) ?? 0) + 1);
      return objects.get(digest);
    },
    async remove(digest) {
      objects.delete(digest);
    },
    async check() {},
  };
  const add = async (text: string): Promise<StoredModule & { readonly imageDigest: string }> => {
    const { module } = echo.take(new TextEncoder().encode(text));
    const { metered, image } = prepareModule(module);
    assert.ok(image);
    const [digest, meteredDigest] = [await put(module), await put(metered)];
    return { digest, meteredDigest, imageDigest: await put(image) };
  };
  return { store, reads, add };
}

const log = pino({ level: 'silent' });

async function say(module: Parameters<typeof run>[0]): Promise<string> {
  const { output } = await run(module, { platform: nodePlatform });
  return new TextDecoder().decode(output).replaceAll('\0', '');
}

test('code of many handlers is read and compiled once, and each runs its own image', async () => {
  const { store, reads, add } = await makeStore();
  let compiled = 0;
  const loader = new ModuleLoader({ store, log, onCompile: () => () => compiled++ });
  const texts = Array.from({ length: 20 }, (_, i) => `handler ${i}`);
  const versions = await Promise.all(texts.map(add));
  const loaded = await Promise.all(
    versions.map((version, i) => loader.load(version, i % 2 === 0 ? 'one' : 'other')),
  );
  assert.equal(new Set(versions.map(({ meteredDigest }) => meteredDigest)).size, 1);
  assert.equal(reads.get(versions[0]?.meteredDigest ?? ''), 1);
  assert.equal(compiled, 1);
  assert.equal(new Set(loaded.map(({ module }) => module.module)).size, 1);
  for (let round = 0; round < 2; round++) {
    assert.deepEqual(await Promise.all(loaded.map(({ module }) => say(module))), texts);
  }
  for (const { bytes, code } of loaded) assert.ok(bytes < 200 && code.bytes > bytes);
});

test('owners of the same module share its code, but no instance', async () => {
  const { store, add } = await makeStore();
  const loader = new ModuleLoader({ store, log });
  const version = await add('both');
  const [one, again, other] = [
    await loader.load(version, 'one'),
    await loader.load(version, 'one'),
    await loader.load(version, 'other'),
  ];
  assert.equal(again.module, one.module);
  // Instances are kept by this object.
  assert.notEqual(other.module, one.module);
  assert.equal(other.module.module, one.module.module);
});

test('an image or code that the store lost is made again from the upload, and must be what was checked', async () => {
  const { store, add } = await makeStore();
  for (const lost of ['imageDigest', 'meteredDigest'] as const) {
    const version = await add(lost);
    await store.remove(version[lost]);
    const { module } = await new ModuleLoader({ store, log }).load(version, 'one');
    assert.equal(await say(module), lost);
    const other = { ...version, [lost]: 'f'.repeat(64) };
    await assert.rejects(new ModuleLoader({ store, log }).load(other, 'one'), /differently/);
  }
});
