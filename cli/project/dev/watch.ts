/** Watches the sources of a project, ignoring files that a build writes. */
import { createHash } from 'node:crypto';
import { watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';

/** Debounce delay, because editors write a file in several steps. */
const QUIET_MS = 60;
/** Folders that builds and tools write to. */
const FOREIGN_FOLDERS = /^(?:\..+|node_modules|target|zig-cache|zig-out|dist)$/;
const BUILT_FILES = /\.(?:wasm|o|rlib|rmeta)$|~$|\.sw[a-z]$|^\.#/;

export interface Watching {
  readonly folder: string;
  /** The module that the build writes. */
  readonly modulePath: string;
  readonly signal: AbortSignal;
  /** Whether a build was running at the time, in milliseconds since the epoch. */
  readonly wasBuilding: (at: number) => boolean;
  /**
   * Called with the changed paths, relative to the folder, after a pause without changes.
   *
   * @param during the paths that were written while a build was running
   */
  readonly onChange: (paths: readonly string[], during: ReadonlySet<string>) => void;
}

export function watchSources({
  folder,
  modulePath,
  signal,
  wasBuilding,
  onChange,
}: Watching): void {
  const changed = new Set<string>();
  /** Digests of the files when last seen, so that rewriting the same content is no change. */
  const seen = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  const settle = async (): Promise<void> => {
    const paths = [...changed].sort();
    changed.clear();
    const news: string[] = [];
    const during = new Set<string>();
    for (const path of paths) {
      const digest = await digestOf(join(folder, path));
      if (seen.get(path) !== digest) {
        news.push(path);
        if (wasBuilding(await writtenAt(join(folder, path)))) during.add(path);
      }
      seen.set(path, digest);
    }
    if (news.length > 0 && !signal.aborted) onChange(news, during);
  };
  const watcher = watch(
    folder,
    { recursive: true, signal, ignore: (path) => isForeign(folder, path) },
    (_event, path) => {
      if (path === null || isForeign(folder, path)) return;
      if (resolve(folder, path) === modulePath) return;
      changed.add(path);
      clearTimeout(timer);
      timer = setTimeout(() => void settle(), QUIET_MS);
    },
  );
  // The folder was removed meanwhile.
  watcher.on('error', () => undefined);
}

function isForeign(folder: string, path: string): boolean {
  const parts = relative(folder, resolve(folder, path)).split(/[/\\]/);
  return parts.some((part) => FOREIGN_FOLDERS.test(part)) || BUILT_FILES.test(basename(path));
}

/** Modification time in milliseconds; the current time for a deleted file. */
async function writtenAt(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found?.mtimeMs ?? Date.now();
}

async function digestOf(path: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(path))
      .digest('base64');
  } catch {
    return 'none';
  }
}
