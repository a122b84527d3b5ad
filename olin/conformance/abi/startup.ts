/** ns/startup.md */
import type { ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';

const given = () => ({ args: ['hello.wasm', 'première', ''] });

export const startup: readonly ConformanceCase[] = [
  {
    about: 'startup_arg_len',
    sentence: '"the number of arguments …, including the path to application binary itself"',
    guest: guest('(call $runtime_exit (call $startup_arg_len))'),
    given,
    wants: { exit: 3, calls: ['startup_arg_len() = 3', '*'] },
  },
  {
    about: 'startup_arg_len',
    sentence: 'the name of the application is always present',
    guest: guest(
      '(drop (call $startup_arg_len)) (call $show #64 (call $startup_arg_at #0 #64 #99))',
    ),
    wants: {
      output: 'main.wasm',
      calls: [
        'startup_arg_len() = 1',
        'startup_arg_at(i=0, out_base=64, out_len=99) = 9',
        'io_get_stdout() = 1',
        '*',
      ],
    },
  },
  {
    about: 'startup_arg_at',
    sentence: '"Writes the argument at position id to out"',
    guest: guest(`(drop (call $startup_arg_at #1 #64 #99)) (call $show #64 #10)
      (drop (call $startup_arg_at #2 #64 #99)) (drop (call $startup_arg_at #0 #64 #99)) (call $show #64 #10)`),
    given,
    wants: {
      output: 'première\0hello.wasm',
      calls: [
        'startup_arg_at(i=1, out_base=64, out_len=99) = 9',
        'io_get_stdout() = 1',
        '*',
        'startup_arg_at(i=2, out_base=64, out_len=99) = 0',
        'startup_arg_at(i=0, out_base=64, out_len=99) = 10',
        'io_get_stdout() = 2',
        '*',
      ],
    },
  },
  {
    about: 'startup_arg_at',
    sentence: '"The result is truncated if the argument length is greater than that of out"',
    guest: guest(`(drop (call $startup_arg_at #0 #64 #5)) (call $show #64 #8)
      (drop (call $startup_arg_at #0 #80 #0)) (call $show #80 #2)`),
    given,
    wants: {
      output: 'hello\0\0\0\0\0',
      calls: [
        'startup_arg_at(i=0, out_base=64, out_len=5) = 5',
        'io_get_stdout() = 1',
        '*',
        'startup_arg_at(i=0, out_base=80, out_len=0) = 0',
        'io_get_stdout() = 2',
        '*',
      ],
    },
  },
  {
    about: 'startup_arg_at',
    sentence: 'an argument that fits exactly is complete; truncation counts bytes, not characters',
    guest: guest(
      '(call $show #64 (call $startup_arg_at #1 #64 #9)) (call $show #80 (call $startup_arg_at #1 #80 #6))',
    ),
    given,
    wants: { output: new Uint8Array([...new TextEncoder().encode('premièrepremi'), 0xc3]) },
  },
  {
    about: 'startup_arg_at',
    sentence:
      '"InvalidArgumentError if id is greater than or equal to the total number of arguments"',
    guest: guest(`(drop (call $startup_arg_at #3 #64 #9)) (drop (call $startup_arg_at #-1 #64 #9))
      (call $show #64 #2)`),
    given,
    wants: {
      output: '\0\0',
      log: [
        [3, 'startup_arg_at: there is no argument 3: the last is 2.'],
        [3, 'startup_arg_at: there is no argument 4294967295: the last is 2.'],
      ],
      calls: [
        'startup_arg_at(i=3, out_base=64, out_len=9) = -2',
        'startup_arg_at(i=4294967295, out_base=64, out_len=9) = -2',
        'io_get_stdout() = 1',
        '*',
      ],
    },
  },
];
