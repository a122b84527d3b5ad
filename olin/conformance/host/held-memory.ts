/** The contract of this project: data that the host holds for a guest is limited, and text of a guest is cut when shown. */
import { parsePolicy } from '../../policy/policy.ts';
import type { ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';
import { large, roomy, times } from './large-guest.ts';

/** A request that a guest writes is held by the host until it is sent, and counts as the guest's memory. */
const held: readonly ConformanceCase[] = [
  {
    about: 'olin: memory',
    sentence: 'a request that would exceed the memory limit is refused',
    guest: large(`(local.set $fd (call $resource_open "http://example.test"))
      (drop (call $resource_write (local.get $fd) "POST / HTTP/1.1\\0d\\0aContent-Length: 9000000\\0d\\0a\\0d\\0a"))
      (loop $more
        (br_if $more (i32.gt_s (local.tee $a (call $resource_write (local.get $fd) #65536 #262144)) #0)))
      (call $runtime_exit (local.get $a))`),
    given: roomy({ limits: { memoryPages: 280 } }),
    wants: {
      exit: -1,
      log: [[3, /^resource_write: The request does not fit into the memory limit of the run/]],
      bill: { memoryPages: 280 },
    },
  },
  {
    about: 'olin: memory',
    sentence: 'data held by the host for a guest is in its bill, in whole pages',
    guest: large(`(local.set $fd (call $resource_open "http://example.test"))
      (drop (call $resource_write (local.get $fd) "POST / HTTP/1.1\\0d\\0aContent-Length: 9000000\\0d\\0a\\0d\\0a"))
      (drop (call $resource_write (local.get $fd) #65536 #262144))
      (call $resource_close (local.get $fd))
      (local.set $fd (call $resource_open "http://example.test"))
      (drop (call $resource_write (local.get $fd) "POST / HTTP/1.1\\0d\\0aContent-Length: 9000000\\0d\\0a\\0d\\0a"))
      (drop (call $resource_write (local.get $fd) #65536 #262144))`),
    given: roomy({ limits: { memoryPages: 280 } }),
    wants: { bill: { memoryPages: 264 } },
  },
];

const LONG_NAME = 'f'.repeat(5000);

/** Text of a guest is cut when stored and shown. */
const texts: readonly ConformanceCase[] = [
  {
    about: 'olin: bill',
    sentence: 'a long URL is cut in the bill',
    guest: large('(memory.fill #7 #97 #8000) (drop (call $resource_open #0 #8000))', {
      fields: '(data (i32.const 0) "null://")',
    }),
    given: roomy(),
    wants: { bill: { urls: [`null://${'a'.repeat(492)}…`] } },
  },
  {
    about: 'olin: bill',
    sentence: 'only the first of very many long URLs are kept',
    guest: large(
      `(memory.fill #7 #97 #8000) ${times(300, '(call $resource_close (call $resource_open #0 #8000))')}`,
      { fields: '(data (i32.const 0) "null://")' },
    ),
    given: roomy({ limits: { gas: 10_000_000 } }),
    wants: { bill: { urls: Array.from({ length: 131 }, () => `null://${'a'.repeat(492)}…`) } },
  },
  {
    about: 'olin: traps',
    sentence: 'a long name of a function is cut in the message and in the backtrace',
    guest: guest(`(call $${LONG_NAME})`, { fields: `(func $${LONG_NAME} unreachable)` }),
    wants: {
      trap: {
        code: 'trap',
        message: /^The guest trapped in f{128}: it executed "unreachable"/,
        backtrace: ['f'.repeat(128), 'main'],
      },
    },
  },
  {
    about: 'olin: stops',
    sentence: 'a long URL is cut in the policy’s refusal, and in the log',
    guest: large(
      '(memory.fill #65536 #97 #8000) (drop (call $resource_open #65536 #8000)) (memory.fill #7 #97 #8000) (drop (call $resource_open #0 #8000))',
      { fields: '(data (i32.const 0) "null://")' },
    ),
    given: () => ({ policy: parsePolicy('disallow ^null:\nram-page-limit 300\n') }),
    wants: {
      log: [[3, /^resource_open: "a{499}…" does not begin with a known scheme/]],
      trap: { code: 'policy', message: /forbidden by policy: null:\/\/a{492}… \(disallow/ },
    },
  },
];

export const heldMemory: readonly ConformanceCase[] = [...held, ...texts];
