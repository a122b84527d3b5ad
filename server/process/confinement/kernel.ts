/** Linux system calls by which a process gives up rights, through `node:ffi`. None of them can be undone. */
import { closeSync, openSync, statSync } from 'node:fs';
import { dlopen, getRawPointer } from 'node:ffi';
import { denyProgram } from './seccomp.ts';

const { functions: libc } = dlopen(null, {
  syscall: { return: 'i64', arguments: ['i64', 'i64', 'i64', 'i64', 'i64', 'i64', 'i64'] },
  prctl: { return: 'i32', arguments: ['i32', 'u64', 'u64', 'u64', 'u64'] },
  setrlimit: { return: 'i32', arguments: ['i32', 'u64'] },
  capset: { return: 'i32', arguments: ['u64', 'u64'] },
  fcntl: { return: 'i32', arguments: ['i32', 'i32', 'i32'] },
  execve: { return: 'i32', arguments: ['u64', 'u64', 'u64'] },
});

/**
 * Prevents programs that are started later from gaining rights, such as by the set-user-id bit. Returns whether it
 * worked.
 */
export function forbidNewPrivileges(): boolean {
  return libc.prctl(PR_SET_NO_NEW_PRIVS, 1n, 0n, 0n, 0n) === 0;
}

/**
 * Gives up all capabilities except `kept`. Root keeps the rights of its user id. Returns whether it worked; it fails
 * without CAP_SETPCAP, which some containers lack.
 */
export function dropCapabilities(kept: readonly number[]): boolean {
  for (let capability = 0; capability < CAPABILITIES; capability += 1) {
    if (kept.includes(capability)) continue;
    if (libc.prctl(PR_CAPBSET_READ, BigInt(capability), 0n, 0n, 0n) !== 1) continue;
    if (libc.prctl(PR_CAPBSET_DROP, BigInt(capability), 0n, 0n, 0n) !== 0) return false;
  }
  const mask = kept.reduce((bits, capability) => bits | (1n << BigInt(capability)), 0n);
  const header = Buffer.alloc(8);
  header.writeUInt32LE(CAPABILITY_VERSION_3);
  const sets = Buffer.alloc(24);
  for (const word of [0, 1]) {
    const bits = Number((mask >> BigInt(32 * word)) & 0xffff_ffffn);
    sets.writeUInt32LE(bits, 12 * word);
    sets.writeUInt32LE(bits, 12 * word + 4);
  }
  return libc.capset(getRawPointer(header), getRawPointer(sets)) === 0;
}

/** @param limit of `RLIMITS` */
export function setLimit(limit: number, value: number): boolean {
  const pair = new BigUint64Array([BigInt(value), BigInt(value)]);
  return libc.setrlimit(limit, getRawPointer(pair)) === 0;
}

export const RLIMITS = { data: 2, core: 4 };

export interface FileRights {
  /** Files and folders, including their contents. Missing ones are skipped. */
  readonly readable: readonly string[];
  readonly writable: readonly string[];
  /** Files that may be executed. */
  readonly executable: readonly string[];
}

/**
 * Applies Landlock: from now on this thread, and a program that replaces it, can open no other files, cannot trace
 * processes outside of its domain, and (Linux 6.12) cannot send them signals or connect to their abstract sockets.
 * Returns false if the kernel has no Landlock.
 */
export function confineFiles({ readable, writable, executable }: FileRights): boolean {
  const abi = Number(libc.syscall(LANDLOCK_CREATE_RULESET, 0n, 0n, 1n, 0n, 0n, 0n));
  if (abi < 1) return false;
  const handled = FILE_BITS.reduce(
    (bits, { bit, since }) => (since <= abi ? bits | bit : bits),
    0n,
  );
  const scoped = abi >= 6 ? SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL : 0n;
  const attributes = new BigUint64Array([handled, 0n, scoped]);
  const size = abi >= 6 ? 24n : abi >= 4 ? 16n : 8n;
  const ruleset = call(LANDLOCK_CREATE_RULESET, getRawPointer(attributes), size, 0n);
  if (ruleset < 0n) return false;
  const allow = (path: string, rights: bigint): boolean => {
    const file = openPath(path);
    if (file === undefined) return true;
    const forFile = statSync(path).isDirectory() ? rights : rights & RIGHTS_OF_A_FILE;
    const rule = Buffer.alloc(12);
    rule.writeBigUInt64LE(forFile & handled);
    rule.writeInt32LE(file, 8);
    const added = call(LANDLOCK_ADD_RULE, ruleset, 1n, getRawPointer(rule)) === 0n;
    closeSync(file);
    return added;
  };
  return (
    readable.every((path) => allow(path, READ)) &&
    executable.every((path) => allow(path, READ | EXECUTE)) &&
    writable.every((path) => allow(path, READ | WRITE)) &&
    call(LANDLOCK_RESTRICT_SELF, ruleset, 0n, 0n) === 0n
  );
}

/**
 * Applies seccomp: from now on certain system calls fail (`seccomp.ts`). Returns false on an unknown processor
 * architecture.
 */
export function denySystemCalls({ hasNetwork }: { readonly hasNetwork: boolean }): boolean {
  const { arch, pid } = process;
  const program = denyProgram({ arch, pid, hasNetwork });
  if (program === undefined) return false;
  const header = Buffer.alloc(16);
  header.writeUInt16LE(program.length / 8);
  header.writeBigUInt64LE(getRawPointer(program), 8);
  const number = SECCOMP[arch] ?? 0n;
  return call(number, SECCOMP_SET_MODE_FILTER, SECCOMP_SPEC_ALLOW, getRawPointer(header)) === 0n;
}

/** Replaces this process by another program; returns only if that fails. The descriptors in `kept` stay open. */
export function become(
  path: string,
  args: readonly string[],
  env: readonly string[],
  kept: readonly number[],
): void {
  for (const descriptor of kept) libc.fcntl(descriptor, F_SETFD, 0);
  const texts = [path, ...args, ...env].map((each) => Buffer.from(`${each}\0`));
  const pointers = texts.map((each) => getRawPointer(each));
  const argv = new BigUint64Array([...pointers.slice(0, args.length + 1), 0n]);
  const envp = new BigUint64Array([...pointers.slice(args.length + 1), 0n]);
  libc.execve(pointers[0] ?? 0n, getRawPointer(argv), getRawPointer(envp));
}

function call(number: bigint, first: bigint, second: bigint, third: bigint): bigint {
  return libc.syscall(number, first, second, third, 0n, 0n, 0n);
}

function openPath(path: string): number | undefined {
  try {
    return openSync(path, O_PATH);
  } catch {
    return undefined;
  }
}

const PR_CAPBSET_READ = 23;
const PR_CAPBSET_DROP = 24;
const PR_SET_NO_NEW_PRIVS = 38;
const CAPABILITIES = 64;
const CAPABILITY_VERSION_3 = 0x2008_0522;
const F_SETFD = 2;
const O_PATH = 0o10_000_000;

const LANDLOCK_CREATE_RULESET = 444n;
const LANDLOCK_ADD_RULE = 445n;
const LANDLOCK_RESTRICT_SELF = 446n;
const SCOPE_ABSTRACT_SOCKET = 1n;
const SCOPE_SIGNAL = 2n;

const SECCOMP: Readonly<Record<string, bigint>> = { x64: 317n, arm64: 277n };
const SECCOMP_SET_MODE_FILTER = 1n;
/** Without it, kernels before 5.16 slow the whole process down against Spectre variant 4. */
const SECCOMP_SPEC_ALLOW = 4n;

/** LANDLOCK_ACCESS_FS_*: each bit, and the Landlock version that introduced it. */
const FILE_BITS = Array.from({ length: 16 }, (_, index) => ({
  bit: 1n << BigInt(index),
  since: index < 13 ? 1 : index === 13 ? 2 : index === 14 ? 3 : 5,
}));
const EXECUTE = 1n;
const READ = 0b1100n;
/** Files and folders may be created, written, moved and removed; devices and symbolic links may not be created. */
const WRITE =
  (1n << 1n) |
  (1n << 4n) |
  (1n << 5n) |
  (1n << 7n) |
  (1n << 8n) |
  (1n << 9n) |
  (1n << 13n) |
  (1n << 14n);
const RIGHTS_OF_A_FILE = 1n | (1n << 1n) | (1n << 2n) | (1n << 14n) | (1n << 15n);
