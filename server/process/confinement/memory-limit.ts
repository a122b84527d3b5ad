/**
 * Limits one process's memory in addition to RLIMIT_DATA: by a control group if the system has them, and by watching
 * its resident memory.
 */
import type { ChildProcess } from 'node:child_process';
import type { MemoryGroup, MemoryGroups } from './memory-groups.ts';
import { watchMemory } from './memory-watch.ts';

export interface MemoryLimitOptions {
  readonly maxBytes: number;
  readonly groups: MemoryGroups | undefined;
  /** Called when the process exceeds the limit. It must then be killed. */
  readonly onOver: () => void;
}

export class MemoryLimit {
  readonly #group: MemoryGroup | undefined;

  constructor(child: ChildProcess, { maxBytes, groups, onOver }: MemoryLimitOptions) {
    const { pid } = child;
    if (pid === undefined || !Number.isFinite(maxBytes)) return;
    this.#group = groups?.add(pid, maxBytes);
    void watchMemory(child, maxBytes).then((isOver) => {
      if (isOver) onOver();
    });
  }

  /** To be called once the process has exited. Returns whether the kernel has killed it for its memory. */
  close(): boolean {
    const wasExceeded = this.#group?.wasExceeded() ?? false;
    this.#group?.remove();
    return wasExceeded;
  }
}
