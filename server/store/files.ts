/** An object store in a folder of files. */
import { randomUUID } from 'node:crypto';
import { access, constants, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digestOf, keyOf, verify, type ObjectStore } from './store.ts';

/** @param isReadOnly whether `check` requires only read access */
export function openFileStore(folder: string, { isReadOnly = false } = {}): ObjectStore {
  return {
    kind: 'files',
    async put(bytes) {
      const digest = await digestOf(bytes);
      const path = join(folder, keyOf(digest));
      const known = await stat(path).catch(() => undefined);
      if (known?.size !== bytes.length) await writeWhole(path, bytes);
      return digest;
    },
    async get(digest) {
      try {
        return await verify(digest, await readWhole(join(folder, keyOf(digest))));
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
    },
    async remove(digest) {
      await rm(join(folder, keyOf(digest)), { force: true });
    },
    async check() {
      if (isReadOnly) return access(folder, constants.R_OK);
      await mkdir(folder, { recursive: true });
      await access(folder, constants.W_OK);
    },
  };
}

async function readWhole(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const { buffer, byteOffset, length } = await readFile(path);
  return new Uint8Array(buffer, byteOffset, length);
}

/** Writes atomically and durably: readers see the whole file or none, even after a power failure. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomUUID()}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}
