/**
 * The contract of this project: the work of system calls is charged before it is done, limited per call, and
 * interrupted for other guests. The attacks once blocked a server for seconds at almost no gas.
 */
import { CALL_BOUNDS } from '../../run/call-cost.ts';
import { parsePolicy } from '../../policy/policy.ts';
import type { ConformanceCase } from '../conform.ts';
import { large, ROOM, roomy, times } from './large-guest.ts';

const about = 'olin: charges';
const { movedBytes } = CALL_BOUNDS;
const MEBIBYTE = 1024 * 1024;

/**
 * Attacks that are stopped by their gas before the work is done: with the same gas on every platform and for every
 * slice size.
 */
const attacks: readonly ConformanceCase[] = [
  {
    about,
    sentence: 'one fd_write of 1,500 vectors is refused (inval, 28)',
    guest: large(`
      (loop $more
        (i32.store (i32.add #1024 (i32.mul (local.get $n) #8)) #0)
        (i32.store (i32.add #1028 (i32.mul (local.get $n) #8)) #8388608)
        (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) #1)) #1500)))
      (call $runtime_exit (call $fd_write #1 #1024 #1500 #0))`),
    given: roomy(),
    wants: { exit: 28 },
  },
  {
    about,
    sentence:
      'one fd_write of 1,024 vectors of 8 MB writes up to the limit of a call, and returns a short count',
    guest: large(`
      (loop $more
        (i32.store (i32.add #1024 (i32.mul (local.get $n) #8)) #65536)
        (i32.store (i32.add #1028 (i32.mul (local.get $n) #8)) #8388608)
        (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) #1)) #1024)))
      (drop (call $fd_write #1 #1024 #1024 #0))
      (call $runtime_exit (i32.load #0))`),
    given: roomy(),
    wants: { exit: movedBytes, output: new Uint8Array(movedBytes) },
  },
  {
    about,
    sentence: '100 random_get of 16 MB are stopped by their gas before the first is done',
    guest: large(times(100, '(drop (call $random_get #0 #16777216))')),
    given: roomy({ limits: { gas: 1_000_000 } }),
    wants: { trap: { code: 'gas', limit: 1_000_000 } },
  },
  {
    about,
    sentence: 'a long random_get fills the complete buffer',
    guest: large(`(drop (call $random_get #65536 #1048577))
      (call $runtime_exit (i32.and
        (i32.ne #0 (i32.or (i32.load #1114100) (i32.load #1114104)))
        (i32.eqz (i32.load8_u #1114113))))`),
    given: roomy(),
    wants: { exit: 1 },
  },
  {
    about,
    sentence: 'if guests cannot be suspended, a long random_get is refused (io, 29)',
    guest: large(`(call $runtime_exit (call $random_get #65536 #${movedBytes + 1}))`),
    given: roomy({ platform: { canSuspend: false } }),
    wants: { exit: 29 },
  },
  {
    about,
    sentence: 'opening URLs against a policy with a large repeat is stopped by its gas',
    guest: large(
      `(memory.fill #64 #120 #1000) ${times(60, '(drop (call $resource_open #56 #1000))')}`,
      { fields: '(data (i32.const 56) "null://x")' },
    ),
    given: roomy({
      policy: parsePolicy(
        'allow (\n^null://\nx.{900}y\n)\ngas-limit 10000000\nram-page-limit 300\n',
      ),
      limits: { gas: 10_000_000 },
    }),
    wants: { trap: { code: 'gas', limit: 10_000_000 } },
  },
  {
    about,
    sentence: 'a URL that is too long is InvalidArgument, and is not read',
    guest: large(`(call $runtime_exit (call $resource_open #0 #${CALL_BOUNDS.urlBytes + 1}))`),
    given: roomy(),
    wants: {
      exit: -2,
      log: [[3, /^resource_open: the url has 8193 bytes; the maximum is 8192/]],
      bill: { urls: [] },
    },
  },
  {
    about,
    sentence:
      'a write of 8 MB of line feeds to log:// adds a limited number of lines, and returns a short count',
    guest: large(`(memory.fill #65536 #10 #8388608)
      (local.set $a (call $resource_write (call $resource_open "log://") #65536 #8388608))
      (call $runtime_exit (local.get $a))`),
    given: roomy(),
    wants: {
      exit: CALL_BOUNDS.logLines,
      log: Array.from({ length: CALL_BOUNDS.logLines }, () => [6, ''] as const),
    },
  },
  {
    about,
    sentence: 'a flood of line feeds to log:// is stopped by its gas',
    guest: large(`(memory.fill #65536 #10 #8388608)
      (local.set $fd (call $resource_open "log://"))
      (loop $more (drop (call $resource_write (local.get $fd) #65536 #8388608)) (br $more))`),
    given: roomy({ limits: { gas: 1_200_000 } }),
    wants: {
      log: Array.from({ length: CALL_BOUNDS.logLines }, () => [6, ''] as const),
      trap: { code: 'gas' },
    },
  },
  {
    about,
    sentence: 'log_write of a text that is too long adds only a warning',
    guest: large(`(call $log_write #6 #0 #${CALL_BOUNDS.logTextBytes + 1})`),
    given: roomy(),
    wants: { log: [[3, /^log_write: the text has 262145 bytes; the maximum is 262144/]] },
  },
  ...['zero', 'random'].map((scheme): ConformanceCase => ({
    about,
    sentence: `${scheme}:// returns at most the limit of one call`,
    guest: large(
      `(call $runtime_exit (call $resource_read (call $resource_open "${scheme}://") #0 #16777216))`,
    ),
    given: roomy(),
    wants: { exit: movedBytes, bill: { bytesIn: movedBytes } },
  })),
  ...['zero', 'random'].map((scheme): ConformanceCase => ({
    about,
    sentence: `endless reads of ${scheme}:// are stopped by their gas`,
    guest: large(`(local.set $fd (call $resource_open "${scheme}://"))
      (loop $more (drop (call $resource_read (local.get $fd) #0 #16777216)) (br $more))`),
    given: roomy({ limits: { gas: 1_000_000 } }),
    wants: { trap: { code: 'gas', limit: 1_000_000 } },
  })),
  {
    about,
    sentence: 'the name of a variable that is too long is InvalidArgument, and is not read',
    guest: large(`(call $runtime_exit (call $env_get #0 #${CALL_BOUNDS.nameBytes + 1} #0 #0))`),
    given: roomy(),
    wants: { exit: -2, log: [[3, /^env_get: the key has 8193 bytes/]] },
  },
  {
    about,
    sentence: 'repeated reads of a large environment are stopped by their gas',
    guest: large('(loop $more (drop (call $environ_get #0 #65536)) (br $more))'),
    given: roomy({
      env: Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`V${at}`, 'x'.repeat(2000)])),
      limits: { gas: 1_000_000 },
    }),
    wants: { trap: { code: 'gas', limit: 1_000_000 } },
  },
  {
    about,
    sentence:
      'a poll of more than 1,024 subscriptions is refused (inval, 28), and a smaller one is charged for each',
    guest: large(`(i64.store #65568 (i64.const 1))
      (loop $more (drop (call $poll_oneoff #65536 #131072 #1024 #0)) (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) #1)) #20)))
      (call $runtime_exit (call $poll_oneoff #65536 #131072 #1025 #0))`),
    given: roomy({ limits: { gas: 1_000_000 } }),
    wants: { trap: { code: 'gas', limit: 1_000_000 } },
  },
  {
    about,
    sentence: 'a guest that only makes system calls is stopped at its time',
    guest: large(`(local.set $fd (call $resource_open "random://"))
      (loop $more (drop (call $resource_read (local.get $fd) #0 #262144)) (br $more))`),
    given: () => ({
      policy: parsePolicy('gas-limit 9007199254740991\nram-page-limit 300\n'),
      limits: { wallMs: 20 },
    }),
    wants: { trap: { code: 'time', limit: 20 } },
  },
  {
    about,
    sentence:
      'a guest that only makes system calls is stopped at its time limit if it cannot be suspended',
    guest: large(`(local.set $fd (call $resource_open "random://"))
      (loop $more (drop (call $resource_read (local.get $fd) #0 #262144)) (br $more))`),
    given: () => ({
      policy: parsePolicy('gas-limit 9007199254740991\nram-page-limit 300\n'),
      platform: { canSuspend: false },
      limits: { wallMs: 20 },
    }),
    wants: { trap: { code: 'time', limit: 20 } },
  },
];

/** Counts the turns of the guest, and fails if there are too few. Checks nothing if guests cannot be suspended. */
function countsTurns(least: number): NonNullable<ConformanceCase['act']> {
  return async (start, { platform }) => {
    let turns = 0;
    const turn = (): Promise<void> => {
      turns++;
      return platform.turn();
    };
    const result = await start({ policy: ROOM, turn });
    if (platform.canSuspend && turns < least) throw new Error(`${turns} turns`);
    return result;
  };
}

/** Other guests run while a guest makes system calls, however much work one call requests. */
const turns: readonly ConformanceCase[] = [
  {
    about,
    sentence: 'other guests get turns while a guest reads repeatedly, in code without a loop',
    guest: large(`(local.set $fd (call $resource_open "random://"))
      ${'(drop (call $resource_read (local.get $fd) #0 #262144))'.repeat(40)}`),
    act: countsTurns(15),
    wants: { bill: { bytesIn: 40 * movedBytes } },
  },
  {
    about,
    sentence: 'other guests get turns during one random_get of 16 MB',
    guest: large('(drop (call $random_get #0 #16777216))'),
    act: countsTurns(25),
    wants: { bill: { gas: 4 + 100 + 16_777_216 } },
  },
];

/** Guests that continue after a short count transfer all data. */
const shortCounts: readonly ConformanceCase[] = [
  {
    about: 'resource_write',
    sentence: 'a write above the limit of one call returns a short count',
    guest: large(`(local.set $fd (call $io_get_stdout))
      (call $runtime_exit (i32.sub (call $resource_write (local.get $fd) #0 #${MEBIBYTE}) #${movedBytes}))`),
    given: roomy(),
    wants: { output: new Uint8Array(movedBytes), bill: { bytesOut: movedBytes } },
  },
];

export const charges: readonly ConformanceCase[] = [...attacks, ...turns, ...shortCounts];
