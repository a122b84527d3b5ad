/** The contract of this project: the memory of a guest, as it grows, and as seen by system calls. */
import type { ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';

const about = 'olin: memory';

export const memory: readonly ConformanceCase[] = [
  {
    about,
    sentence: 'system calls use memory 0, even if the module does not export it',
    guest: guest(`(call $show "seen")`, { memory: '(memory 1)' }),
    wants: { output: 'seen' },
  },
  {
    about,
    sentence: 'memory that grew during a run can be read and written by system calls',
    guest: guest(`(call $show "a") (drop (memory.grow #1))
      (drop (call $env_get "KEY" #70000 #16)) (call $show #70000 #5)
      (drop (memory.grow #1)) (drop (call $startup_arg_at #0 #131072 #4)) (call $show #131072 #4)`),
    given: () => ({ env: { KEY: 'value' }, args: ['name'] }),
    wants: { output: 'avaluename', bill: { memoryPages: 3 } },
  },
  {
    about,
    sentence: 'a memory that begins empty can grow, and a growth by 0 changes nothing',
    guest: guest(
      `(drop (call $env_get #0 #0 #0 #0)) (drop (memory.grow #1)) (drop (memory.grow #0))
      (call $show #64 (call $env_get #64 #0 #64 #5)) (drop (memory.grow #0))
      (call $show #64 (call $runtime_name #64 #4))`,
      { memory: '(memory (export "memory") 0)' },
    ),
    given: () => ({ env: { '': 'value' } }),
    wants: { output: 'valueolin', bill: { memoryPages: 1 } },
  },
  {
    about,
    sentence: 'memory that grew while another guest ran is read at its new location',
    guest: guest(`(drop (memory.grow #1)) (call $runtime_msleep #1)
      (drop (call $resource_read (call $io_get_stdin) #65534 #4)) (drop (memory.grow #1))
      (call $runtime_msleep #1) (call $show #65534 #4)`),
    given: () => ({ stdin: 'edge' }),
    async act(start) {
      const [first] = await Promise.all([start(), start(), start()]);
      return first;
    },
    wants: { output: 'edge' },
  },
  {
    about,
    sentence: 'the last byte of the memory can be used, and an empty range may begin at its end',
    guest: guest(`(drop (call $resource_read (call $io_get_stdin) #65535 #1)) (call $show #65535 #1)
      (call $show #65536 #0)`),
    given: () => ({ stdin: 'z' }),
    wants: { output: 'z', log: [] },
  },
  {
    about,
    sentence: 'pointers above 2 GiB are unsigned, never negative',
    guest: guest('(drop (call $resource_write (call $io_get_stdout) #-4 #4))'),
    wants: {
      log: [[3, /^resource_write: bytes 4294967292 to 4294967296 are outside/]],
      calls: ['io_get_stdout() = 1', 'resource_write(fd=1, data_base=4294967292, data_len=4) = -2'],
    },
  },
  {
    about,
    sentence: 'the bill has the peak memory, in pages',
    guest: guest('(drop (memory.grow #2))', { memory: '(memory (export "memory") 2 8)' }),
    wants: { bill: { memoryPages: 4 } },
  },
  {
    about,
    sentence: "growth past the module's own maximum returns -1, and the guest continues",
    guest: guest('(call $runtime_exit (memory.grow #8))', {
      memory: '(memory (export "memory") 2 8)',
    }),
    wants: { exit: -1, bill: { memoryPages: 2 } },
  },
];
