/** ns/io.md */
import type { ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';

export const io: readonly ConformanceCase[] = [
  {
    about: 'io_get_stdout',
    sentence: '"a file descriptor pointing to the semantic standard output"',
    guest: guest('(drop (call $resource_write (call $io_get_stdout) "out"))'),
    wants: {
      output: 'out',
      calls: ['io_get_stdout() = 1', 'resource_write(fd=1, data="out") = 3'],
    },
  },
  {
    about: 'io_get_stderr',
    sentence: '"a file descriptor pointing to the semantic standard error output"',
    guest: guest('(drop (call $resource_write (call $io_get_stderr) "err"))'),
    wants: {
      errorOutput: 'err',
      calls: ['io_get_stderr() = 1', 'resource_write(fd=1, data="err") = 3'],
    },
  },
  {
    about: 'io_get_stdin',
    sentence: '"a read-only file descriptor pointing to the semantic standard input"',
    guest: guest(`(local.set $fd (call $io_get_stdin))
      (drop (call $resource_read (local.get $fd) #64 #8))
      (drop (call $resource_write (local.get $fd) "no"))
      (call $show #64 #3)`),
    given: () => ({ stdin: 'in!' }),
    wants: {
      output: 'in!',
      log: [[3, /^resource_write: standard input cannot be written/]],
      calls: [
        'io_get_stdin() = 1',
        'resource_read(fd=1, data_base=64, data_len=8) = 3',
        'resource_write(fd=1, data="no") = -1',
        'io_get_stdout() = 2',
        'resource_write(fd=2, data="in!") = 3',
      ],
    },
  },
  {
    about: 'io',
    sentence: 'standard output and standard error cannot be read',
    guest: guest(`(drop (call $resource_read (call $io_get_stdout) #64 #8))
      (drop (call $resource_read (call $io_get_stderr) #64 #8))`),
    wants: {
      log: [
        [3, /^resource_read: standard output cannot be read/],
        [3, /^resource_read: standard error cannot be read/],
      ],
      calls: [
        'io_get_stdout() = 1',
        'resource_read(fd=1, data_base=64, data_len=8) = -1',
        'io_get_stderr() = 2',
        'resource_read(fd=2, data_base=64, data_len=8) = -1',
      ],
    },
  },
  {
    about: 'io',
    sentence: '"Creates a file descriptor in the process environment": a new one each time',
    guest: guest(`(drop (call $io_get_stdout)) (drop (call $io_get_stdout))
      (drop (call $io_get_stdin)) (drop (call $io_get_stderr))
      (drop (call $resource_write #1 "a")) (drop (call $resource_write #2 "b"))
      (drop (call $resource_write #4 "c"))`),
    wants: {
      output: 'ab',
      errorOutput: 'c',
      calls: [
        'io_get_stdout() = 1',
        'io_get_stdout() = 2',
        'io_get_stdin() = 3',
        'io_get_stderr() = 4',
        'resource_write(fd=1, data="a") = 1',
        'resource_write(fd=2, data="b") = 1',
        'resource_write(fd=4, data="c") = 1',
      ],
    },
  },
  {
    about: 'io_get_stdin',
    sentence: 'descriptors of standard input share one position',
    guest: guest(`(drop (call $resource_read (call $io_get_stdin) #64 #2))
      (drop (call $resource_read (call $io_get_stdin) #66 #2))
      (call $show #64 #4)`),
    given: () => ({ stdin: 'abcd' }),
    wants: { output: 'abcd' },
  },
  {
    about: 'io_get_stdin',
    sentence: 'closing one descriptor leaves the others open, at the same position of the input',
    guest: guest(`(local.set $a (call $io_get_stdin)) (local.set $b (call $io_get_stdin))
      (drop (call $resource_read (local.get $a) #64 #2))
      (call $resource_close (local.get $a))
      (drop (call $resource_read (local.get $b) #66 #2))
      (drop (call $resource_read (call $io_get_stdin) #68 #2))
      (call $show #64 #6)`),
    given: () => ({ stdin: 'abcdef' }),
    wants: { output: 'abcdef' },
  },
  {
    about: 'io_get_stdout',
    sentence: 'closing one descriptor leaves the others open',
    guest: guest(`(local.set $a (call $io_get_stdout)) (local.set $b (call $io_get_stdout))
      (call $resource_close (local.get $a))
      (drop (call $resource_write (local.get $b) "b"))
      (drop (call $resource_write (local.get $a) "a"))
      (drop (call $resource_write (call $io_get_stdout) "c"))`),
    wants: {
      output: 'bc',
      log: [[3, 'resource_write: descriptor 1 is not open.']],
      calls: [
        'io_get_stdout() = 1',
        'io_get_stdout() = 2',
        'resource_close(fd=1)',
        'resource_write(fd=2, data="b") = 1',
        'resource_write(fd=1, data="a") = -2',
        'io_get_stdout() = 3',
        'resource_write(fd=3, data="c") = 1',
      ],
    },
  },
];
