/** The contract of this project: a guest that exceeds a limit is stopped, even if it catches the exception. */
import { parsePolicy } from '../../policy/policy.ts';
import type { ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';

const about = 'olin: stops';
const forever = (body: string): string => `(loop $more ${body} (br $more))`;

const floods: readonly ConformanceCase[] = [
  {
    about,
    sentence: 'a flood of descriptors is stopped at the limit',
    guest: guest(forever('(drop (call $resource_open "null://"))')),
    given: () => ({ limits: { descriptors: 5 } }),
    wants: {
      trap: {
        code: 'descriptors',
        message: /the limit is 5 descriptors, and it used 6\. Close what is no longer needed/,
        backtrace: ['main'],
        limit: 5,
        used: 6,
      },
      bill: { calls: { resource_open: 6 } },
    },
  },
  {
    about,
    sentence: 'closed descriptors do not count',
    guest: guest(`(loop $more (call $resource_close (call $io_get_stdin))
      (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) #1)) #100)))`),
    given: () => ({ limits: { descriptors: 1 } }),
    wants: { bill: { calls: { io_get_stdin: 100, resource_close: 100 } } },
  },
  {
    about,
    sentence: 'a flood of output is stopped after exactly the limit was delivered',
    guest: guest(
      forever('(drop (call $resource_write (local.get $fd) "abc"))').replace(
        '(loop',
        '(local.set $fd (call $io_get_stdout)) (loop',
      ),
    ),
    given: () => ({ limits: { outputBytes: 10 } }),
    wants: {
      output: 'abcabcabca',
      trap: {
        code: 'output',
        message: /the limit is 10 bytes, and it used 12/,
        backtrace: ['main'],
        limit: 10,
        used: 12,
      },
    },
  },
  {
    about,
    sentence: 'output up to exactly the limit is allowed',
    guest: guest(
      '(call $show "abcde") (drop (call $resource_write (call $io_get_stderr) "fghij"))',
    ),
    given: () => ({ limits: { outputBytes: 10 } }),
    wants: { output: 'abcde', errorOutput: 'fghij' },
  },
  {
    about,
    sentence: 'standard output and standard error count together',
    guest: guest(
      '(call $show "abcde") (drop (call $resource_write (call $io_get_stderr) "fghijk"))',
    ),
    given: () => ({ limits: { outputBytes: 10 } }),
    wants: { output: 'abcde', errorOutput: 'fghij', trap: { code: 'output' } },
  },
  {
    about,
    sentence: 'a flood of output into a slow reader is stopped too',
    guest: guest(
      '(call $show "abcde") (call $show "fghij") (call $show "k") (call $log_write #6 "survived")',
    ),
    async act(start) {
      const chunks: Uint8Array[] = [];
      const stdout = async (chunk: Uint8Array): Promise<void> => {
        await Promise.resolve();
        chunks.push(chunk);
      };
      const result = await start({ stdout, limits: { outputBytes: 7 } });
      return { ...result, output: new Uint8Array(chunks.flatMap((chunk) => [...chunk])) };
    },
    wants: { output: 'abcdefg', trap: { code: 'output', limit: 7, used: 10 } },
  },
  {
    about,
    sentence: 'a flood of log lines is stopped, and no line is cut',
    guest: guest(forever('(call $log_write #6 "abc")')),
    given: () => ({ limits: { logBytes: 10 } }),
    wants: {
      log: [
        [6, 'abc'],
        [6, 'abc'],
      ],
      trap: { code: 'log', limit: 10, used: 12, backtrace: ['main'] },
    },
  },
  {
    about,
    sentence: 'a flood of empty log lines is stopped too',
    guest: guest(forever('(call $log_write #6 #0 #0)')),
    given: () => ({ limits: { logBytes: 3 } }),
    wants: {
      log: [
        [6, ''],
        [6, ''],
        [6, ''],
      ],
      trap: { code: 'log' },
    },
  },
  {
    about,
    sentence: 'a flood of failing calls is stopped by the log lines of the failures',
    guest: guest(forever('(drop (call $resource_write #9 "a"))')),
    given: () => ({ limits: { logBytes: 50 } }),
    wants: { log: [[3, 'resource_write: descriptor 9 is not open.']], trap: { code: 'log' } },
  },
  {
    about,
    sentence: 'a module whose initial memory exceeds the limit is not started',
    guest: guest('(call $show "never")', { memory: '(memory (export "memory") 5)' }),
    given: () => ({ limits: { memoryPages: 4 } }),
    wants: {
      trap: {
        code: 'memory',
        message:
          /the limit is 4 pages of 64 KiB, and it used 5\. Raise the memory limit of the run/,
        limit: 4,
        used: 5,
      },
      calls: [],
    },
  },
  {
    about,
    sentence: 'the message for a limit of the tier does not suggest raising the policy',
    guest: guest('(drop (memory.grow #4))'),
    given: () => ({ limits: { memoryPages: 4, setBy: 'The free tier' } }),
    wants: {
      log: [
        [
          3,
          'memory.grow failed: the limit is 4 pages of 64 KiB, and more were requested. The free tier allows no more, even if the policy is changed: use less.',
        ],
      ],
    },
  },
];

/** Guests that catch the exception of a stop, and continue. */
const survivors: readonly ConformanceCase[] = [
  ['a closed descriptor', '(call $resource_close #9)', 'bad-descriptor'],
  ['the policy', '(drop (call $resource_open "http://forbidden.test/"))', 'policy'],
  ['too much output', '(call $show #0 #100)', 'output'],
  ['too much log', '(call $log_write #6 #0 #100)', 'log'],
].map(([what = '', call = '', code]): ConformanceCase => ({
  about,
  sentence: `a guest that catches all exceptions is not saved from ${what}`,
  guest: guest(`(try (do ${call}) (catch_all))
      (try (do (call $log_write #6 "still here")) (catch_all))
      (try (do (call $runtime_exit #1)) (catch_all))`),
  given: () => ({
    policy: parsePolicy('disallow ^http\n'),
    limits: { outputBytes: 99, logBytes: 99 },
  }),
  wants: {
    ...(code === 'output' ? { output: new Uint8Array(99) } : {}),
    // The code is one of the four above.
    trap: {
      code: code === 'bad-descriptor' || code === 'policy' || code === 'output' ? code : 'log',
    },
  },
}));

export const stops: readonly ConformanceCase[] = [...floods, ...survivors];
