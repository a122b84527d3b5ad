/** ns/resource.md: reading and writing. */
import type { ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';

export const resourceData: readonly ConformanceCase[] = [
  {
    about: 'resource_read',
    sentence: '"Reads to data (the memory range from data_base to data_base + data_len)"',
    guest: guest(`(drop (call $resource_read (call $io_get_stdin) #64 #4)) (call $show #60 #12)`),
    given: () => ({ stdin: 'abcdefgh' }),
    wants: { output: '\0\0\0\0abcd\0\0\0\0', bill: { bytesIn: 4, bytesOut: 12 } },
  },
  {
    about: 'resource_read',
    sentence: '"Returns the actual bytes written": fewer than requested if fewer are available',
    guest: guest('(drop (call $resource_read (call $io_get_stdin) #64 #100)) (call $show #64 #5)'),
    given: () => ({ stdin: new Uint8Array([0, 255, 10]) }),
    wants: {
      output: new Uint8Array([0, 255, 10, 0, 0]),
      calls: [
        'io_get_stdin() = 1',
        'resource_read(fd=1, data_base=64, data_len=100) = 3',
        'io_get_stdout() = 2',
        '*',
      ],
    },
  },
  {
    about: 'resource_read',
    sentence: '"EndOfFile" when there are no more bytes, on each further read',
    guest: guest(`(local.set $fd (call $io_get_stdin))
      (drop (call $resource_read (local.get $fd) #64 #2)) (drop (call $resource_read (local.get $fd) #64 #2))
      (drop (call $resource_read (local.get $fd) #64 #2)) (drop (call $resource_read (local.get $fd) #64 #2))
      (drop (call $resource_read (call $io_get_stdin) #64 #2)) (call $show #64 #2)`),
    given: () => ({ stdin: 'abc' }),
    wants: {
      output: 'cb',
      calls: [
        'io_get_stdin() = 1',
        'resource_read(fd=1, data_base=64, data_len=2) = 2',
        'resource_read(fd=1, data_base=64, data_len=2) = 1',
        'resource_read(fd=1, data_base=64, data_len=2) = -5',
        'resource_read(fd=1, data_base=64, data_len=2) = -5',
        'io_get_stdin() = 2',
        'resource_read(fd=2, data_base=64, data_len=2) = -5',
        'io_get_stdout() = 3',
        'resource_write(fd=3, data="cb") = 2',
      ],
    },
  },
  {
    about: 'resource_read',
    sentence: 'empty input is EndOfFile at once',
    guest: guest('(call $runtime_exit (call $resource_read (call $io_get_stdin) #64 #2))'),
    wants: { exit: -5 },
  },
  {
    about: 'resource_read',
    sentence: 'a read of no bytes returns 0 and consumes nothing, also at the end',
    guest: guest(`(local.set $fd (call $io_get_stdin))
      (drop (call $resource_read (local.get $fd) #64 #0)) (drop (call $resource_read (local.get $fd) #65536 #0))
      (drop (call $resource_read (local.get $fd) #64 #9)) (drop (call $resource_read (local.get $fd) #64 #0))`),
    given: () => ({ stdin: 'ab' }),
    wants: {
      calls: [
        'io_get_stdin() = 1',
        'resource_read(fd=1, data_base=64, data_len=0) = 0',
        'resource_read(fd=1, data_base=65536, data_len=0) = 0',
        'resource_read(fd=1, data_base=64, data_len=9) = 2',
        'resource_read(fd=1, data_base=64, data_len=0) = 0',
      ],
    },
  },
  {
    about: 'resource_write',
    sentence: '"Returns the actual bytes written", any bytes, in order',
    guest: guest(`(local.set $fd (call $io_get_stdout))
      (drop (call $resource_write (local.get $fd) "\\00\\ff")) (drop (call $resource_write (local.get $fd) #0 #0))
      (drop (call $resource_write (local.get $fd) #65536 #0)) (drop (call $resource_write (local.get $fd) "\\n"))`),
    wants: {
      output: new Uint8Array([0, 255, 10]),
      calls: [
        'io_get_stdout() = 1',
        'resource_write(fd=1, data="\\u0000\uFFFD") = 2',
        'resource_write(fd=1, data="") = 0',
        'resource_write(fd=1, data="") = 0',
        'resource_write(fd=1, data="\\n") = 1',
      ],
      bill: { bytesOut: 3, bytesIn: 0 },
    },
  },
  {
    about: 'resource_write',
    sentence: 'the bytes are those at the time of the call',
    guest: guest(`(i32.store8 #64 #97) (call $show #64 #1) (i32.store8 #64 #98) (call $show #64 #1)
      (i32.store8 #64 #99)`),
    wants: { output: 'ab' },
  },
  {
    about: 'resource_write',
    sentence: 'the whole memory can be written in one call',
    guest: guest('(i32.store8 #65535 #1) (call $show #0 #65536)'),
    wants: { output: new Uint8Array(65536).fill(1, 65535), bill: { bytesOut: 65536 } },
  },
];
