/** The contract of this project: the exact cost of each system call. */
import { matchingSteps, parsePolicy } from '../../policy/policy.ts';
import type { CaseOptions, ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';

const about = 'olin: charges';

function costs(
  gas: number,
  sentence: string,
  body: string,
  given?: () => CaseOptions,
): ConformanceCase {
  return {
    about,
    sentence,
    guest: guest(body, { wasi: true }),
    ...(given && { given }),
    wants: { bill: { gas } },
  };
}

const pricey = parsePolicy('allow ^null://\n');

/** The first number is the number of instructions. A call with two arguments whose result is dropped has four. */
export const prices: readonly ConformanceCase[] = [
  costs(
    7 + (100 + 7 + 1000) + (100 + 100),
    'opening a URL costs 1,000 and its bytes, reading 1 for every 8 bytes',
    '(drop (call $resource_read (call $resource_open "zero://") #64 #800))',
  ),
  costs(
    7 + (100 + 9 + 1000) + (100 + 800 + 100),
    'random bytes cost 1 each',
    '(drop (call $resource_read (call $resource_open "random://") #64 #800))',
  ),
  costs(4 + 100 + 800, 'random_get costs 1 for each byte', '(drop (call $random_get #0 #800))'),
  costs(
    6 + 100 + 3 + 5,
    'a variable costs the characters of its name and its value',
    '(drop (call $env_get "KEY" #64 #100))',
    () => ({ env: { KEY: 'value' } }),
  ),
  {
    ...costs(4 + 100 + 3 + 100, 'a line of the log costs 100', '(call $log_write #6 "abc")'),
    wants: { log: [[6, 'abc']], bill: { gas: 4 + 100 + 3 + 100 } },
  },
  {
    ...costs(
      0,
      'each line that is written to log:// costs 100',
      '(drop (call $resource_write (call $resource_open "log://") "a\\nb"))',
    ),
    wants: {
      log: [
        [6, 'a'],
        [6, 'b'],
      ],
      bill: { gas: 7 + (100 + 6 + 1000) + (100 + 1 + 3 + 2 * 100) },
    },
  },
  costs(
    4 + (100 + 7 + 1000) + 4 * matchingSteps(pricey, 'null://'),
    'checking a policy costs by the length of the URL and the size of the policy',
    '(drop (call $resource_open "null://"))',
    () => ({ policy: pricey }),
  ),
  costs(6 + 100 + 2 * 100, 'each vector costs 100', '(drop (call $fd_write #1 #64 #2 #0))'),
  costs(6 + 100 + 100, 'each subscription costs 100', '(drop (call $poll_oneoff #64 #256 #1 #0))'),
  costs(
    4 + 100 + 2 * 100 + 1,
    'each argument costs 100, and 1 for every 8 bytes',
    '(drop (call $args_sizes_get #0 #4))',
    () => ({ args: ['a', 'b'] }),
  ),
  costs(
    4 + 100 + 100 + 1,
    'each variable that is listed costs 100, and 1 for every 8 bytes',
    '(drop (call $environ_sizes_get #0 #4))',
    () => ({ env: { A: 'b' } }),
  ),
  costs(
    12 + (100 + 13 + 1000) + (100 + 4 + 2 * 100) + (100 + 50_000),
    'each line of a request costs 100, and sending it 50,000',
    `(local.set $fd (call $resource_open "http://a.test"))
      (drop (call $resource_write (local.get $fd) "GET / HTTP/1.1\\0d\\0a\\0d\\0aXXXXXXXXXXXX"))
      (drop (call $resource_flush (local.get $fd)))`.replace('XXXXXXXXXXXX', '\\0d\\0a'.repeat(6)),
    () => ({ platform: { fetch: async () => new Response(null, { status: 204 }) } }),
  ),
];
