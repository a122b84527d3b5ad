/**
 * Limits the memory of processes by the kernel: a control group (cgroup v2) for each of them, with `memory.max`.
 *
 * This needs a control group that is delegated to this user, by systemd with `Delegate=memory`. A group that limits its
 * child groups may have no processes itself, so this server first moves to a separate child group. It does that only
 * if no other program, such as the shell that started it, is in the group.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface MemoryGroupsOptions {
  /** Where the control groups are mounted. Default: `/sys/fs/cgroup`. */
  readonly root?: string;
  /** The content of `/proc/self/cgroup`. Default: read from there. */
  readonly membership?: string;
  /** Processes of this server. Default: this one and its parent, which may be `bootstrap.mjs`. */
  readonly pids?: readonly number[];
}

/** The control group of one process. */
export interface MemoryGroup {
  /** Whether the kernel has killed the process for its memory. */
  readonly wasExceeded: () => boolean;
  /** To be called after the process has exited. */
  readonly remove: () => void;
}

/** The child group that this server moves to. */
const OWN_GROUP = 'trisiel-server';

export class MemoryGroups {
  readonly #folder: string;
  #count = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Returns the reason if this system or user has no control groups. Changes nothing then. */
  static open(options: MemoryGroupsOptions = {}): MemoryGroups | { readonly reason: string } {
    const { root = '/sys/fs/cgroup', pids = [process.pid, process.ppid] } = options;
    const membership = options.membership ?? read('/proc/self/cgroup');
    const path = /^0::(\/.*)$/m.exec(membership)?.[1];
    const folder = join(root, path ?? '');
    if (path === undefined || !existsSync(join(folder, 'cgroup.controllers'))) {
      return { reason: 'the system has no cgroup v2' };
    }
    if (!read(join(folder, 'cgroup.controllers')).split(/\s+/).includes('memory')) {
      return { reason: 'the memory controller is not delegated' };
    }
    const members = readPids(folder);
    if (members.some((pid) => !pids.includes(pid))) {
      return { reason: 'other programs are in the same control group' };
    }
    const own = join(folder, OWN_GROUP);
    try {
      mkdirSync(own, { recursive: true });
      for (const pid of members) write(own, 'cgroup.procs', pid);
      write(folder, 'cgroup.subtree_control', '+memory');
      return new MemoryGroups(folder);
    } catch (error) {
      moveBack(members, own, folder);
      const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
      return { reason: `the control group is not delegated to this user${code}` };
    }
  }

  /** Moves a process to a group of its own. Returns undefined if it has ended or the kernel refuses. */
  add(pid: number, maxBytes: number): MemoryGroup | undefined {
    this.#count += 1;
    const group = join(this.#folder, `trisiel-${process.pid}-${this.#count}`);
    try {
      mkdirSync(group);
      write(group, 'memory.max', maxBytes);
      // Without swap accounting there is no such file.
      if (existsSync(join(group, 'memory.swap.max'))) write(group, 'memory.swap.max', 0);
      write(group, 'cgroup.procs', pid);
    } catch {
      remove(group);
      return undefined;
    }
    return {
      wasExceeded: () => /^oom_kill [1-9]/m.test(read(join(group, 'memory.events'))),
      remove: () => remove(group),
    };
  }
}

function readPids(folder: string): number[] {
  return read(join(folder, 'cgroup.procs')).split('\n').filter(Boolean).map(Number);
}

function moveBack(pids: readonly number[], from: string, to: string): void {
  try {
    for (const pid of pids) write(to, 'cgroup.procs', pid);
  } catch {
    // They stay in the child group, which has no limit.
  }
  remove(from);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The kernel takes one value per write. */
function write(group: string, file: string, value: number | string): void {
  writeFileSync(join(group, file), String(value));
}

function remove(group: string): void {
  try {
    rmdirSync(group);
  } catch {
    // It does not exist, or has processes; an empty group costs nothing.
  }
}
