/** The folders of journals: one for each process, named so that the next process finds those of dead ones. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** File in the folder of a process that lists its running guests (`open-runs.ts`). */
export const OPEN_RUNS = 'open-runs';

/** Returns a name for the folder of this process: its id and start time, since ids are reused, and a random part. */
export function ownFolderName(): string {
  return `${process.pid}-${startOf(process.pid) ?? ''}-${randomUUID()}`;
}

/** Takes over the journals of dead processes. Returns their files, oldest first in each. */
export async function adoptJournals(folder: string, own: string): Promise<string[]> {
  const adopted: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const other = join(folder, entry.name);
    const [, pid = '', start = ''] = /^(\d+)-(\d*)-/.exec(entry.name) ?? [];
    if (other === own || !entry.isDirectory() || pid === '' || isRunning(Number(pid), start))
      continue;
    const taken = join(own, entry.name);
    // If several processes try, one succeeds.
    const isOurs = await rename(other, taken).then(
      () => true,
      () => false,
    );
    if (isOurs) adopted.push(...(await filesBelow(taken)));
  }
  return adopted;
}

/**
 * All journal files below a folder, including those it had adopted. In each folder finished runs come first, so that
 * rows for interrupted runs do not replace theirs.
 */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true });
  return entries
    .filter((name) => name.endsWith('.jsonl') || basename(name) === OPEN_RUNS)
    .sort()
    .map((name) => join(folder, name));
}

function isRunning(pid: number, start: string): boolean {
  const now = startOf(pid);
  if (now !== undefined && start !== '') return now === start;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Start time of a process in kernel ticks; undefined if there is no such process or the system does not report it. */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The process name may contain any character, but its closing parenthesis is the last one.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
