/**
 * The filter of system calls of a confined process, as a classic BPF program.
 *
 * It denies what Node never needs and an intruder would: starting processes, changing other processes, and the parts of
 * the kernel in which most holes were found. A list of what is allowed would be stronger, but would break with the next
 * version of Node or libc.
 */

type FilteredArch = 'x64' | 'arm64';

/** Numbers of system calls; a processor has its own, and lacks some. */
export type CallNumbers = Partial<Readonly<Record<FilteredArch, number>>>;

export const DENIED_CALLS = {
  // Starting processes and programs. `execve` is limited by Landlock.
  fork: { x64: 57 },
  vfork: { x64: 58 },
  execveat: { x64: 322, arm64: 281 },
  // A file in memory, which Landlock does not keep from being executed.
  memfd_create: { x64: 319, arm64: 279 },
  // Other processes: their memory, descriptors, priority and cores, and signals that `kill` does not send.
  tkill: { x64: 200, arm64: 130 },
  rt_sigqueueinfo: { x64: 129, arm64: 138 },
  rt_tgsigqueueinfo: { x64: 297, arm64: 240 },
  pidfd_send_signal: { x64: 424, arm64: 424 },
  ptrace: { x64: 101, arm64: 117 },
  process_vm_readv: { x64: 310, arm64: 270 },
  process_vm_writev: { x64: 311, arm64: 271 },
  process_madvise: { x64: 440, arm64: 440 },
  process_mrelease: { x64: 448, arm64: 448 },
  pidfd_open: { x64: 434, arm64: 434 },
  pidfd_getfd: { x64: 438, arm64: 438 },
  kcmp: { x64: 312, arm64: 272 },
  migrate_pages: { x64: 256, arm64: 238 },
  move_pages: { x64: 279, arm64: 239 },
  setpriority: { x64: 141, arm64: 140 },
  ioprio_set: { x64: 251, arm64: 30 },
  sched_setparam: { x64: 142, arm64: 118 },
  sched_setscheduler: { x64: 144, arm64: 119 },
  sched_setaffinity: { x64: 203, arm64: 122 },
  sched_setattr: { x64: 314, arm64: 274 },
  // Namespaces and file systems.
  unshare: { x64: 272, arm64: 97 },
  setns: { x64: 308, arm64: 268 },
  chroot: { x64: 161, arm64: 51 },
  pivot_root: { x64: 155, arm64: 41 },
  mount: { x64: 165, arm64: 40 },
  umount2: { x64: 166, arm64: 39 },
  mount_setattr: { x64: 442, arm64: 442 },
  move_mount: { x64: 429, arm64: 429 },
  open_tree: { x64: 428, arm64: 428 },
  fsopen: { x64: 430, arm64: 430 },
  fsconfig: { x64: 431, arm64: 431 },
  fsmount: { x64: 432, arm64: 432 },
  fspick: { x64: 433, arm64: 433 },
  open_by_handle_at: { x64: 304, arm64: 265 },
  fanotify_init: { x64: 300, arm64: 262 },
  quotactl: { x64: 179, arm64: 60 },
  swapon: { x64: 167, arm64: 224 },
  swapoff: { x64: 168, arm64: 225 },
  acct: { x64: 163, arm64: 89 },
  uselib: { x64: 134 },
  // The kernel itself: modules, keys, tracing, clock, name.
  init_module: { x64: 175, arm64: 105 },
  finit_module: { x64: 313, arm64: 273 },
  delete_module: { x64: 176, arm64: 106 },
  kexec_load: { x64: 246, arm64: 104 },
  kexec_file_load: { x64: 320, arm64: 294 },
  reboot: { x64: 169, arm64: 142 },
  add_key: { x64: 248, arm64: 217 },
  request_key: { x64: 249, arm64: 218 },
  keyctl: { x64: 250, arm64: 219 },
  bpf: { x64: 321, arm64: 280 },
  perf_event_open: { x64: 298, arm64: 241 },
  userfaultfd: { x64: 323, arm64: 282 },
  io_uring_setup: { x64: 425, arm64: 425 },
  io_uring_enter: { x64: 426, arm64: 426 },
  io_uring_register: { x64: 427, arm64: 427 },
  syslog: { x64: 103, arm64: 116 },
  vhangup: { x64: 153, arm64: 58 },
  settimeofday: { x64: 164, arm64: 170 },
  clock_settime: { x64: 227, arm64: 112 },
  clock_adjtime: { x64: 305, arm64: 266 },
  adjtimex: { x64: 159, arm64: 171 },
  sethostname: { x64: 170, arm64: 161 },
  setdomainname: { x64: 171, arm64: 162 },
} as const satisfies Record<string, CallNumbers>;

/** System calls that are allowed for some values of their arguments. */
export const CONDITIONAL_CALLS = {
  clone: { x64: 56, arm64: 220 },
  kill: { x64: 62, arm64: 129 },
  tgkill: { x64: 234, arm64: 131 },
  prlimit64: { x64: 302, arm64: 261 },
  socket: { x64: 41, arm64: 198 },
  socketpair: { x64: 53, arm64: 199 },
} as const;
const AUDIT_ARCH = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const;
const CLONE_3 = 435;
const CLONE_THREAD = 0x1_0000;
/** AF_UNIX, AF_INET, AF_INET6, and AF_NETLINK, which the C library uses to look up addresses. */
const FAMILIES = [1, 2, 10, 16];
/** On x64, system calls of x32 have numbers from here on. */
const X32 = 0x4000_0000;

const LOAD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_AT_LEAST = 0x35;
const JUMP_IF_SET = 0x45;
const RETURN = 0x06;

/** Offsets in `struct seccomp_data`. */
const NUMBER = 0;
const ARCH = 4;
const FIRST_ARGUMENT = 16;
/** The filter compares the lower half; the values here are no longer. */
const ARGUMENT_BYTES = 8;

const ALLOW = 0x7fff_0000;
const KILL_PROCESS = 0x8000_0000;
const EPERM = 0x0005_0001;
const ENOSYS = 0x0005_0026;

type Line = readonly [code: number, ifTrue: number, ifFalse: number, k: number];

export interface FilterOptions {
  readonly arch: string;
  /** The process that is confined: it may send signals to itself. */
  readonly pid: number;
  readonly hasNetwork: boolean;
}

/** Instructions of eight bytes each. Undefined for a processor whose system calls it does not know. */
export function denyProgram({ arch, pid, hasNetwork }: FilterOptions): Buffer | undefined {
  if (arch !== 'x64' && arch !== 'arm64') return undefined;
  const calls = CONDITIONAL_CALLS;
  const denied = Object.values<CallNumbers>(DENIED_CALLS).flatMap(
    ({ [arch]: number }) => number ?? [],
  );
  const lines: readonly Line[] = [
    [LOAD, 0, 0, ARCH],
    [JUMP_IF_EQUAL, 1, 0, AUDIT_ARCH[arch]],
    [RETURN, 0, 0, KILL_PROCESS],
    [LOAD, 0, 0, NUMBER],
    [JUMP_IF_AT_LEAST, 0, 1, X32],
    [RETURN, 0, 0, EPERM],
    // The C library then makes its threads with clone, whose flags the filter can see.
    [JUMP_IF_EQUAL, 0, 1, CLONE_3],
    [RETURN, 0, 0, ENOSYS],
    ...allowIf(calls.clone[arch], [{ argument: 0, test: JUMP_IF_SET, value: CLONE_THREAD }]),
    // Signal 0 asks whether a process exists: the journal of one that has died is taken over.
    ...allowIf(calls.kill[arch], [...equals(0, pid), ...equals(1, 0)]),
    ...allowIf(calls.tgkill[arch], equals(0, pid)),
    ...allowIf(calls.prlimit64[arch], equals(0, 0, pid)),
    ...allowIf(calls.socket[arch], equals(0, ...(hasNetwork ? FAMILIES : []))),
    ...allowIf(calls.socketpair[arch], equals(0, ...FAMILIES)),
    ...denied.map((number, at): Line => [JUMP_IF_EQUAL, denied.length - at, 0, number]),
    [RETURN, 0, 0, ALLOW],
    [RETURN, 0, 0, EPERM],
  ];
  const program = Buffer.alloc(8 * lines.length);
  for (const [index, [code, ifTrue, ifFalse, k]] of lines.entries()) {
    program.writeUInt16LE(code, 8 * index);
    program.writeUInt8(ifTrue, 8 * index + 2);
    program.writeUInt8(ifFalse, 8 * index + 3);
    program.writeUInt32LE(k, 8 * index + 4);
  }
  return program;
}

interface ArgumentTest {
  /** From 0. */
  readonly argument: number;
  readonly test: typeof JUMP_IF_EQUAL | typeof JUMP_IF_SET;
  readonly value: number;
}

const equals = (argument: number, ...values: readonly number[]): ArgumentTest[] =>
  values.map((value) => ({ argument, test: JUMP_IF_EQUAL, value }));

/** Allows a system call if one of the tests is true, and denies it otherwise. */
function allowIf(number: number, tests: readonly ArgumentTest[]): Line[] {
  const lines = tests.flatMap(({ argument, test, value }, at): Line[] => [
    [LOAD, 0, 0, FIRST_ARGUMENT + argument * ARGUMENT_BYTES],
    [test, 2 * (tests.length - at) - 1, 0, value],
  ]);
  return [
    [JUMP_IF_EQUAL, 0, lines.length + 2, number],
    ...lines,
    [RETURN, 0, 0, EPERM],
    [RETURN, 0, 0, ALLOW],
  ];
}
