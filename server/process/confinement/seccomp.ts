/**
 * The filter of system calls of a confined process, as a classic BPF program.
 *
 * It denies what Node never needs and an intruder would: starting processes, looking into others, and the parts of the
 * kernel in which most holes were found. A list of what is allowed would be stronger, and would break with the next
 * version of Node or libc.
 */

/** Numbers of system calls; a processor has its own. */
const DENIED: Readonly<Record<string, readonly number[]>> = {
  x64: [
    57, // fork
    58, // vfork
    101, // ptrace
    134, // uselib
    153, // vhangup
    155, // pivot_root
    161, // chroot
    163, // acct
    165, // mount
    166, // umount2
    167, // swapon
    169, // reboot
    175, // init_module
    176, // delete_module
    246, // kexec_load
    248, // add_key
    249, // request_key
    250, // keyctl
    272, // unshare
    298, // perf_event_open
    304, // open_by_handle_at
    308, // setns
    310, // process_vm_readv
    311, // process_vm_writev
    313, // finit_module
    320, // kexec_file_load
    321, // bpf
    323, // userfaultfd
    425, // io_uring_setup
    426, // io_uring_enter
    427, // io_uring_register
    428, // open_tree
    429, // move_mount
    430, // fsopen
    434, // pidfd_open
    438, // pidfd_getfd
  ],
  arm64: [
    39, // umount2
    40, // mount
    41, // pivot_root
    51, // chroot
    58, // vhangup
    89, // acct
    97, // unshare
    104, // kexec_load
    105, // init_module
    106, // delete_module
    117, // ptrace
    142, // reboot
    217, // add_key
    218, // request_key
    219, // keyctl
    224, // swapon
    241, // perf_event_open
    265, // open_by_handle_at
    268, // setns
    270, // process_vm_readv
    271, // process_vm_writev
    273, // finit_module
    280, // bpf
    282, // userfaultfd
    294, // kexec_file_load
    425, // io_uring_setup
    426, // io_uring_enter
    427, // io_uring_register
    428, // open_tree
    429, // move_mount
    430, // fsopen
    434, // pidfd_open
    438, // pidfd_getfd
  ],
};
const AUDIT_ARCH: Readonly<Record<string, number>> = { x64: 0xc000_003e, arm64: 0xc000_00b7 };
const CLONE: Readonly<Record<string, number>> = { x64: 56, arm64: 220 };
const CLONE_3 = 435;
const CLONE_THREAD = 0x1_0000;
/** System calls of x32 on a processor of x64 have numbers from here on. */
const X32 = 0x4000_0000;

const LOAD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_AT_LEAST = 0x35;
const JUMP_IF_SET = 0x45;
const RETURN = 0x06;

const ALLOW = 0x7fff_0000;
const KILL_PROCESS = 0x8000_0000;
const EPERM = 0x0005_0001;
const ENOSYS = 0x0005_0026;

/** Instructions of eight bytes. Undefined for a processor that it does not know. */
export function denyProgram(arch: string): Buffer | undefined {
  const [denied, audit, clone] = [DENIED[arch], AUDIT_ARCH[arch], CLONE[arch]];
  if (denied === undefined || audit === undefined || clone === undefined) return undefined;
  const lines: (readonly [code: number, ifTrue: number, ifFalse: number, k: number])[] = [
    [LOAD, 0, 0, 4],
    [JUMP_IF_EQUAL, 1, 0, audit],
    [RETURN, 0, 0, KILL_PROCESS],
    [LOAD, 0, 0, 0],
    [JUMP_IF_AT_LEAST, 0, 1, X32],
    [RETURN, 0, 0, EPERM],
    // The C library then makes its threads by clone, whose flags can be looked at.
    [JUMP_IF_EQUAL, 0, 1, CLONE_3],
    [RETURN, 0, 0, ENOSYS],
    [JUMP_IF_EQUAL, 0, 4, clone],
    [LOAD, 0, 0, 16],
    [JUMP_IF_SET, 1, 0, CLONE_THREAD],
    [RETURN, 0, 0, EPERM],
    [RETURN, 0, 0, ALLOW],
    ...denied.map((number, index) => [JUMP_IF_EQUAL, denied.length - index, 0, number] as const),
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
