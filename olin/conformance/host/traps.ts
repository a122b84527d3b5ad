/** Conformance cases for traps: each is reported with its reason and a backtrace of function names. */
import type { ConformanceCase, ExpectedRun } from '../conform.ts';
import { guest } from '../guest.ts';

const about = 'olin: traps';

function traps(sentence: string, body: string, message: RegExp, fields = ''): ConformanceCase {
  return {
    about,
    sentence,
    guest: guest(`(call $show "before") (call $inner) (call $show "after")`, {
      fields: `${fields} (func $inner ${body})`,
    }),
    wants: { output: 'before', trap: { code: 'trap', message, backtrace: ['inner', 'main'] } },
  };
}

const reported: readonly ConformanceCase[] = [
  traps(
    'unreachable code',
    'unreachable',
    /^The guest trapped in inner: it executed "unreachable"/,
  ),
  traps(
    'a load outside the memory',
    '(drop (i32.load #65536))',
    /it read or wrote outside its memory/,
  ),
  traps('a store outside the memory', '(i32.store8 #-1 #0)', /it read or wrote outside its memory/),
  traps(
    'memory.fill outside the memory',
    '(memory.fill #0 #0 #65537)',
    /it read or wrote outside its memory/,
  ),
  traps(
    'a division by zero',
    '(drop (i32.div_s #1 (i32.load #0)))',
    /it divided an integer by zero/,
  ),
  traps(
    'a remainder of a division by zero',
    '(drop (i64.rem_u (i64.const 1) (i64.load #0)))',
    /it took the remainder of a division by zero/,
  ),
  traps(
    'a division that overflows',
    '(drop (i32.div_s #0x80000000 (i32.sub (i32.load #0) #1)))',
    /an integer division overflowed/,
  ),
  traps(
    'a float that does not fit an integer',
    '(drop (i32.trunc_f64_s (f64.div (f64.const 1) (f64.load #0))))',
    /it converted a float to an integer that cannot hold it/,
  ),
  traps(
    'a function pointer of another type',
    '(call_indirect (param i32) #1 #0)',
    /it called a function pointer that is null or of another type/,
    '(table 2 funcref) (elem #0 $inner)',
  ),
  traps(
    'a function pointer that is null',
    '(call_indirect #1)',
    /it called a function pointer that is null or of another type/,
    '(table 2 funcref)',
  ),
  traps(
    'a function pointer outside the table',
    '(call_indirect #7)',
    /it called a function pointer that is not in the table/,
    '(table 2 funcref)',
  ),
];

const stackFull: ExpectedRun['trap'] = {
  code: 'trap',
  message: /^The guest trapped( in deep)?: the call stack is full; look for infinite recursion\.$/,
};

export const trapCases: readonly ConformanceCase[] = [
  ...reported.map((each) => ({
    ...each,
    sentence: `${each.sentence} is reported with its reason`,
  })),
  {
    about,
    sentence: 'infinite recursion is reported as such, and the host continues',
    guest: guest('(call $show "before") (drop (call $deep #0))', {
      fields:
        '(func $deep (param i32) (result i32) (i32.add (call $deep (i32.add (local.get 0) #1)) #1))',
    }),
    async act(start) {
      const [first] = await Promise.all([start(), start()]);
      return first;
    },
    wants: { output: 'before', trap: stackFull },
  },
  {
    about,
    sentence: 'a recursion through system calls is stopped too',
    guest: guest('(call $deep)', {
      fields: '(func $deep (drop (call $random_i32)) (call $deep))',
    }),
    wants: { trap: stackFull },
  },
  {
    about,
    sentence: 'the backtrace names the calling functions, innermost first',
    guest: guest('(call $one)', {
      fields: `(func $one (call $two)) (func $two (call_indirect #0))
        (func $<T*as::Trait>::three unreachable)
        (table 1 funcref) (elem #0 $<T*as::Trait>::three)`,
    }),
    wants: {
      trap: { code: 'trap', backtrace: ['<T*as::Trait>::three', 'two', 'one', 'main'] },
    },
  },
  {
    about,
    sentence: 'an uncaught exception is reported as such',
    guest: guest('(throw $e #1)', { fields: '(tag $e (param i32))' }),
    wants: {
      trap: {
        code: 'trap',
        message: /^The guest trapped.*: it threw an exception that it did not catch\.$/,
      },
    },
  },
  {
    about,
    sentence: 'an exception that the guest catches does not end the run',
    guest: guest('(try (do (throw $e #7)) (catch $e (call $runtime_exit)))', {
      fields: '(tag $e (param i32))',
    }),
    wants: { exit: 7 },
  },
  {
    about,
    sentence: 'a trap cannot be caught by the guest',
    guest: guest('(try (do unreachable) (catch_all (call $show "caught")))'),
    wants: { trap: { code: 'trap', message: /"unreachable"/, backtrace: ['main'] } },
  },
  {
    about,
    sentence: 'a trap in the start section is reported, and the entrypoint does not run',
    guest: guest('(call $show "never")', { fields: '(func $begin unreachable) (start $begin)' }),
    wants: {
      trap: { code: 'trap', message: /^The guest trapped in begin: it executed "unreachable"/ },
    },
  },
  {
    about,
    sentence: 'data that does not fit the memory is a trap, not a failure of the host',
    guest: guest('(call $show "never")', { fields: '(data #65535 "ab")' }),
    wants: { trap: { code: 'trap', message: /data segment/ } },
  },
  {
    about,
    sentence: 'output and log up to the trap are kept',
    guest: guest('(call $show "out") (call $log_write #1 "about to fail") unreachable'),
    wants: {
      output: 'out',
      log: [[1, 'about to fail']],
      trap: { code: 'trap' },
      calls: [
        'io_get_stdout() = 1',
        'resource_write(fd=1, data="out") = 3',
        'log_write(level=1, text="about to fail")',
      ],
    },
  },
];
