/**
 * The filter of system calls of a confined process, as a classic BPF program.
 *
 * It denies what Node never needs but an attacker would: starting processes, changing other processes, and the parts of
 * the kernel with most known vulnerabilities. An allowlist would be stronger, but would break with the next version of
 * Node or libc.
 */

type FilteredArch = 'x64' | 'arm64';

/** Number of a system call on each architecture; some architectures lack some calls. */
export type CallNumbers = Partial<Readonly<Record<FilteredArch, number>>>;

export const DENIED_CALLS = {
  // Starting processes and programs. `execve` is limited by Landlock.
  fork: { x64: 57 },
  vfork: { x64: 58 },
  execveat: { x64: 322, arm64: 281 },
  // A file in memory, whose execution Landlock does not prevent.
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
  // The kernel itself: modules, keys, tracing, clock, host name.
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
  // Modes, owners, times and attributes of files, which Landlock leaves to the user id.
  chmod: { x64: 90 },
  fchmod: { x64: 91, arm64: 52 },
  fchmodat: { x64: 268, arm64: 53 },
  fchmodat2: { x64: 452, arm64: 452 },
  chown: { x64: 92 },
  fchown: { x64: 93, arm64: 55 },
  lchown: { x64: 94 },
  fchownat: { x64: 260, arm64: 54 },
  utime: { x64: 132 },
  utimes: { x64: 235 },
  futimesat: { x64: 261 },
  utimensat: { x64: 280, arm64: 88 },
  setxattr: { x64: 188, arm64: 5 },
  lsetxattr: { x64: 189, arm64: 6 },
  fsetxattr: { x64: 190, arm64: 7 },
  removexattr: { x64: 197, arm64: 14 },
  lremovexattr: { x64: 198, arm64: 15 },
  fremovexattr: { x64: 199, arm64: 16 },
  // Memory, semaphores and queues that processes of the same user share, such as those of a PostgreSQL server.
  shmget: { x64: 29, arm64: 194 },
  shmat: { x64: 30, arm64: 196 },
  shmctl: { x64: 31, arm64: 195 },
  semget: { x64: 64, arm64: 190 },
  semop: { x64: 65, arm64: 193 },
  semtimedop: { x64: 220, arm64: 192 },
  semctl: { x64: 66, arm64: 191 },
  msgget: { x64: 68, arm64: 186 },
  msgsnd: { x64: 69, arm64: 189 },
  msgrcv: { x64: 70, arm64: 188 },
  msgctl: { x64: 71, arm64: 187 },
  mq_open: { x64: 240, arm64: 180 },
  mq_unlink: { x64: 241, arm64: 181 },
} as const satisfies Record<string, CallNumbers>;

/** System calls that are allowed for some values of their arguments. */
export const CONDITIONAL_CALLS = {
  clone: { x64: 56, arm64: 220 },
  kill: { x64: 62, arm64: 129 },
  tgkill: { x64: 234, arm64: 131 },
  prlimit64: { x64: 302, arm64: 261 },
  socket: { x64: 41, arm64: 198 },
  socketpair: { x64: 53, arm64: 199 },
  fcntl: { x64: 72, arm64: 25 },
  ioctl: { x64: 16, arm64: 29 },
} as const;

/**
 * Commands of `fcntl` and `ioctl` that are denied, the same on both processors. Their command is the second argument, of
 * which the kernel reads the lower half.
 */
export const DENIED_COMMANDS = {
  // Signals to other processes, sent by the kernel when a descriptor is ready.
  fcntl: { F_SETOWN: 8, F_SETSIG: 10, F_SETOWN_EX: 15, F_SETLEASE: 1024, F_NOTIFY: 1026 },
  ioctl: {
    FIOSETOWN: 0x8901,
    SIOCSPGRP: 0x8902,
    // Input to the shell of the terminal that the server was started from, and control of that terminal.
    TIOCSTI: 0x5412,
    TIOCLINUX: 0x541c,
    TIOCCONS: 0x541d,
    TIOCSCTTY: 0x540e,
    TIOCSPGRP: 0x5410,
    TIOCSETD: 0x5423,
    TCSETS: 0x5402,
    TCSETSW: 0x5403,
    TCSETSF: 0x5404,
    TCSETA: 0x5406,
    TCSETAW: 0x5407,
    TCSETAF: 0x5408,
    TCSETS2: 0x402c_542b,
    TCSETSW2: 0x402c_542c,
    TCSETSF2: 0x402c_542d,
  },
} as const;

/**
 * System calls that serving HTTP and running guests makes all the time, the most frequent first. The kernel walks the
 * program from its beginning for each system call, so these are allowed before the others are compared. (Since Linux 5.11
 * it remembers which calls are always allowed; before, and in some sandboxes, it does not.)
 */
export const FREQUENT_CALLS = {
  futex: { x64: 202, arm64: 98 },
  epoll_wait: { x64: 232 },
  epoll_pwait: { x64: 281, arm64: 22 },
  write: { x64: 1, arm64: 64 },
  read: { x64: 0, arm64: 63 },
  writev: { x64: 20, arm64: 66 },
  epoll_ctl: { x64: 233, arm64: 21 },
  accept4: { x64: 288, arm64: 242 },
  close: { x64: 3, arm64: 57 },
  clock_gettime: { x64: 228, arm64: 113 },
  madvise: { x64: 28, arm64: 233 },
  mprotect: { x64: 10, arm64: 226 },
  munmap: { x64: 11, arm64: 215 },
  mmap: { x64: 9, arm64: 222 },
} as const satisfies Record<string, CallNumbers>;

/**
 * The first system call that is newer than this list (Linux 6.13). It, and all after it, do not exist here, as on an
 * older kernel, so that no new call is a way around the list.
 */
export const FIRST_UNKNOWN_CALL = 463;
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
/** The filter compares the lower half of an argument; no value here is longer. */
const ARGUMENT_BYTES = 8;

const ALLOW = 0x7fff_0000;
const KILL_PROCESS = 0x8000_0000;
const EPERM = 0x0005_0001;
const ENOSYS = 0x0005_0026;

type Line = readonly [code: number, ifTrue: number, ifFalse: number, k: number];

export interface FilterOptions {
  readonly arch: string;
  /** The confined process, which may send signals to itself. */
  readonly pid: number;
  readonly hasNetwork: boolean;
}

/** Returns the program, as instructions of eight bytes each. Undefined for an unknown processor architecture. */
export function denyProgram({ arch, pid, hasNetwork }: FilterOptions): Buffer | undefined {
  if (arch !== 'x64' && arch !== 'arm64') return undefined;
  const calls = CONDITIONAL_CALLS;
  const numbersOf = (list: Readonly<Record<string, CallNumbers>>): number[] =>
    Object.values(list).flatMap(({ [arch]: number }) => number ?? []);
  const denied = numbersOf(DENIED_CALLS);
  const lines: readonly Line[] = [
    [LOAD, 0, 0, ARCH],
    [JUMP_IF_EQUAL, 1, 0, AUDIT_ARCH[arch]],
    [RETURN, 0, 0, KILL_PROCESS],
    [LOAD, 0, 0, NUMBER],
    [JUMP_IF_AT_LEAST, 0, 1, X32],
    [RETURN, 0, 0, EPERM],
    ...nextIfOneOf(numbersOf(FREQUENT_CALLS)),
    [RETURN, 0, 0, ALLOW],
    [JUMP_IF_AT_LEAST, 0, 1, FIRST_UNKNOWN_CALL],
    [RETURN, 0, 0, ENOSYS],
    // The C library then creates threads with clone, whose flags the filter can check.
    [JUMP_IF_EQUAL, 0, 1, CLONE_3],
    [RETURN, 0, 0, ENOSYS],
    ...allowIf(calls.clone[arch], [{ argument: 0, test: JUMP_IF_SET, value: CLONE_THREAD }]),
    // Signal 0 checks whether a process exists, which is needed to take over journals of dead processes.
    ...allowIf(calls.kill[arch], [...equals(0, pid), ...equals(1, 0)]),
    ...allowIf(calls.tgkill[arch], equals(0, pid)),
    ...allowIf(calls.prlimit64[arch], equals(0, 0, pid)),
    ...allowIf(calls.socket[arch], equals(0, ...(hasNetwork ? FAMILIES : []))),
    ...allowIf(calls.socketpair[arch], equals(0, ...FAMILIES)),
    ...denyIf(calls.fcntl[arch], Object.values(DENIED_COMMANDS.fcntl)),
    ...denyIf(calls.ioctl[arch], Object.values(DENIED_COMMANDS.ioctl)),
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
  /** Index of the argument, from 0. */
  readonly argument: number;
  readonly test: typeof JUMP_IF_EQUAL | typeof JUMP_IF_SET;
  readonly value: number;
}

const equals = (argument: number, ...values: readonly number[]): ArgumentTest[] =>
  values.map((value) => ({ argument, test: JUMP_IF_EQUAL, value }));

/** Allows a system call if one of the tests passes, and denies it otherwise. */
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

/** Runs the next line if the system call is one of these, and passes it otherwise. */
function nextIfOneOf(numbers: readonly number[]): Line[] {
  const last = numbers.length - 1;
  return numbers.map((number, at) => [JUMP_IF_EQUAL, last - at, at === last ? 1 : 0, number]);
}

/** Denies a system call if its second argument is one of the commands, and allows it otherwise. */
function denyIf(number: number, commands: readonly number[]): Line[] {
  const tests = commands.map((command, at): Line => [
    JUMP_IF_EQUAL,
    commands.length - at,
    0,
    command,
  ]);
  return [
    [JUMP_IF_EQUAL, 0, tests.length + 3, number],
    [LOAD, 0, 0, FIRST_ARGUMENT + ARGUMENT_BYTES],
    ...tests,
    [RETURN, 0, 0, ALLOW],
    [RETURN, 0, 0, EPERM],
  ];
}
