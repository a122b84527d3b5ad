/** The engine, compiled once. */
import type { SnapshotSource } from '../../olin/index.ts';
import { openEngine } from './handler.ts';

let engine: Promise<SnapshotSource> | undefined;

/** Rejects if the engine cannot be read; the next call then tries again. */
export async function loadEngine(): Promise<SnapshotSource> {
  engine ??= readEngine().then(openEngine);
  try {
    return await engine;
  } catch (error) {
    engine = undefined;
    throw error;
  }
}

async function readEngine(): Promise<Uint8Array> {
  // The build of a page replaces this by the address of its copy.
  const url = new URL('./engine.wasm', import.meta.url);
  if (url.protocol === 'file:') {
    return process.getBuiltinModule('node:fs/promises').readFile(url);
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the engine could not be fetched: status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
