/** WASI preview 1: legacy/preview1/docs.md */
import type { ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';

const utf8 = new TextEncoder();
const program = (body: string): string => guest(body, { wasi: true });
/** Ends with the error number as the status. */
const exitWith = (call: string): string => program(`(call $proc_exit ${call})`);
/** Puts an address and a length at #16, and writes them to the descriptor. */
const vector = (text: string): string =>
  `(call $vector ${text}) (drop (call $fd_write #1 #16 #1 #8))`;

function stream(...chunks: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      const chunk = chunks.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(utf8.encode(chunk));
    },
  });
}

const withVector = (body: string): string =>
  guest(body, {
    wasi: true,
    fields: `(func $vector (param i32 i32)
      (i32.store #16 (local.get 0)) (i32.store #20 (local.get 1)))`,
  });

const subscribe = (ms: number): string =>
  `(i64.store #128 (i64.const 77)) (i32.store8 #136 #0) (i32.store #144 #1)
   (i64.store #152 (i64.const ${ms * 1_000_000}))`;

/** Ends with the error numbers of the calls, one digit of base 100 each, the last call's lowest. */
const errors = (...calls: string[]): string =>
  program(`${calls.map((call) => `(local.set $n (i32.add (i32.mul (local.get $n) #100) ${call}))`).join(' ')}
    (call $proc_exit (local.get $n))`);

/** A subscription at #128, with its kind, clock or descriptor, and flags. */
const poll = (kind: number, subject: number, flags = 0): string =>
  `(i32.store8 #136 #${kind}) (i32.store #144 #${subject}) (i32.store16 #168 #${flags})
   (call $proc_exit (call $poll_oneoff #128 #192 #1 #8))`;

const READ_ALL = `(i32.store #16 #64) (i32.store #20 #4)
  (block $end (loop $more
    (drop (call $fd_read #0 #16 #1 #8))
    (br_if $end (i32.eqz (i32.load #8)))
    (call $show #64 (i32.load #8)) (call $show "|") (br $more)))`;

export const wasi: readonly ConformanceCase[] = [
  {
    about: 'fd_write',
    sentence: '"Write to a file descriptor": 1 is standard output, 2 standard error',
    guest: withVector(`(call $vector "out") (drop (call $fd_write #1 #16 #1 #8))
      (call $vector "err") (drop (call $fd_write #2 #16 #1 #8))`),
    wants: {
      output: 'out',
      errorOutput: 'err',
      calls: [
        'fd_write(fd=1, iovs=16, iovs_len=1, nwritten=8) = 0',
        'fd_write(fd=2, iovs=16, iovs_len=1, nwritten=8) = 0',
      ],
      bill: { bytesOut: 6, calls: { fd_write: 2 } },
    },
  },
  {
    about: 'fd_write',
    sentence: '"List of scatter/gather vectors": they are written in order, and their bytes summed',
    guest: program(`(i32.store #16 #64) (i32.store #20 #2) (i32.store #24 #70) (i32.store #28 #3)
      (i64.store #64 (i64.const 0x6867666564636261)) (i32.store #70 (i32.const 0x7a797878))
      (drop (call $fd_write #1 #16 #2 #8)) (call $proc_exit (i32.load #8))`),
    wants: { output: 'abxxy', exit: 5 },
  },
  {
    about: 'fd_write',
    sentence: 'a descriptor that is not open is badf (8), and nothing is written',
    guest: exitWith('(call $fd_write #3 #16 #1 #8)'),
    wants: { exit: 8 },
  },
  {
    about: 'fd_write',
    sentence: 'a vector outside the memory is fault (21), and nothing is written',
    guest: program(`(i32.store #16 #64) (i32.store #20 #1) (i32.store #24 #-1) (i32.store #28 #8)
      (call $proc_exit (call $fd_write #1 #16 #2 #8))`),
    wants: { exit: 21 },
  },
  {
    about: 'fd_write',
    sentence: 'a list of vectors that leaves the memory is fault (21)',
    guest: exitWith('(call $fd_write #1 #65520 #3 #8)'),
    wants: { exit: 21 },
  },
  {
    about: 'fd_read',
    sentence: '"Read from a file descriptor": 0 is standard input, and 0 bytes are its end',
    guest: program(READ_ALL),
    given: () => ({ stdin: 'standard' }),
    wants: { output: 'stan|dard|', bill: { bytesIn: 8 } },
  },
  {
    about: 'fd_read',
    sentence: 'the guest waits for what is not there yet',
    guest: program(READ_ALL),
    given: () => ({ stdin: stream('one', 'three') }),
    wants: { output: 'one|thre|e|' },
  },
  {
    about: 'args_get',
    sentence: '"Read command-line argument data", each ended by a zero byte',
    guest: program(`(drop (call $args_sizes_get #8 #12)) (drop (call $args_get #16 #64))
      (call $show #64 (i32.load #12)) (call $show (i32.load #20) #1)
      (call $proc_exit (i32.load #8))`),
    given: () => ({ args: ['a.wasm', 'né'] }),
    wants: { output: 'a.wasm\0né\0n', exit: 2 },
  },
  {
    about: 'environ_get',
    sentence: '"Read environment variable data": each is NAME=value',
    guest: program(`(drop (call $environ_sizes_get #8 #12)) (drop (call $environ_get #16 #64))
      (call $show #64 (i32.load #12)) (call $proc_exit (i32.load #8))`),
    given: () => ({ env: { A: '1', B: '' } }),
    wants: { output: 'A=1\0B=\0', exit: 2 },
  },
  {
    about: 'environ_get',
    sentence: 'an area outside the memory is fault (21)',
    guest: exitWith('(call $environ_get #16 #65534)'),
    given: () => ({ env: { A: '1' } }),
    wants: { exit: 21 },
  },
  {
    about: 'clock_time_get',
    sentence: '"Return the time value of a clock": the wall, in nanoseconds since 1970',
    guest: program(`(drop (call $clock_time_get #0 (i64.const 1000) #64)) (call $show #64 #8)`),
    given: () => ({ platform: { now: () => 1_780_000_000_123 } }),
    wants: {
      output: new Uint8Array(new BigUint64Array([1_780_000_000_123_000_000n]).buffer),
      calls: ['clock_time_get(id=0, precision="1000", time=64) = 0', '*', '*'],
    },
  },
  {
    about: 'clock_time_get',
    sentence: 'a clock that is none is inval (28)',
    guest: exitWith('(call $clock_time_get #9 (i64.const 0) #64)'),
    wants: { exit: 28 },
  },
  {
    about: 'random_get',
    sentence: '"Write high-quality random data into a buffer", all of it',
    guest: program('(drop (call $random_get #64 #3)) (call $show #64 #4)'),
    given: () => ({ platform: { random: (into) => void into.fill(0x2a) } }),
    wants: { output: '***\0' },
  },
  {
    about: 'random_get',
    sentence: 'a buffer outside the memory is fault (21)',
    guest: exitWith('(call $random_get #65535 #2)'),
    wants: { exit: 21 },
  },
  {
    about: 'proc_exit',
    sentence: '"Terminate the process normally": nothing after it runs',
    guest: program('(call $proc_exit #7) (call $show "never")'),
    wants: { exit: 7 },
  },
  {
    about: 'poll_oneoff',
    sentence: '"Concurrently poll for the occurrence of a set of events": it sleeps for the time',
    guest: program(`${subscribe(15)} (drop (call $poll_oneoff #128 #192 #1 #8))
      (if (i64.ne (i64.load #192) (i64.const 77)) (then unreachable))
      (call $proc_exit (i32.load #8))`),
    async act(start, { platform }) {
      const before = platform.monotonic();
      const result = await start();
      const slept = platform.monotonic() - before;
      if (slept < 14) throw new Error(`it slept ${slept} ms, not 15`);
      return result;
    },
    wants: { exit: 1 },
  },
  {
    about: 'poll_oneoff',
    sentence: 'without a subscription it is inval (28): it would wait for ever',
    guest: exitWith('(call $poll_oneoff #128 #192 #0 #8)'),
    wants: { exit: 28 },
  },
  {
    about: 'poll_oneoff',
    sentence:
      'events that have no room in the memory are fault (21), told before anything is waited for',
    guest: program(`${subscribe(60_000)} (call $proc_exit (call $poll_oneoff #128 #65530 #1 #8))`),
    wants: { exit: 21 },
  },
  ...(
    [
      ['an unknown kind of subscription', poll(3, 0)],
      ['an unknown clock', poll(0, 4)],
      ['a clock of processor time', poll(0, 2)],
      ['an unknown flag', poll(0, 1, 2)],
    ] as const
  ).map(([what, body]): ConformanceCase => ({
    about: 'poll_oneoff',
    sentence: `${what} is inval (28)`,
    guest: program(body),
    wants: { exit: 28 },
  })),
  ...(
    [
      ['standard output is not for reading', 1, 1],
      ['standard input is not for writing', 2, 0],
      ['a descriptor that is not open is not for reading', 1, 9],
    ] as const
  ).map(([what, kind, fd]): ConformanceCase => ({
    about: 'poll_oneoff',
    sentence: `${what}: the event has badf (8)`,
    guest: program(`(i32.store8 #136 #${kind}) (i32.store #144 #${fd})
      (drop (call $poll_oneoff #128 #192 #1 #8)) (call $proc_exit (i32.load16_u #200))`),
    wants: { exit: 8 },
  })),
  {
    about: 'fd_close',
    sentence: '"Close a file descriptor": later calls with it are badf (8), and nothing is written',
    guest: errors(
      '(call $fd_close #1)',
      '(call $fd_write #1 #16 #1 #8)',
      '(call $fd_fdstat_get #1 #64)',
      '(call $fd_close #1)',
    ),
    wants: { exit: 8_08_08 },
  },
  {
    about: 'fd_renumber',
    sentence:
      '"Atomically replace a file descriptor": 2 becomes 1, and what is written to it goes there',
    guest: withVector(`(drop (call $fd_renumber #2 #1)) ${vector('"through 1"')}
      (call $proc_exit (call $fd_write #2 #16 #1 #8))`),
    wants: { exit: 8, errorOutput: 'through 1' },
  },
  {
    about: 'fd_renumber',
    sentence: 'to itself changes nothing, and a number that is not open is badf (8)',
    guest: errors(
      '(call $fd_renumber #1 #1)',
      '(call $fd_renumber #1 #9)',
      '(call $fd_renumber #9 #1)',
      '(call $fd_renumber #9 #9)',
    ),
    wants: { exit: 8_08_08 },
  },
  {
    about: 'fd_read',
    sentence: 'standard output is not for reading, nor standard input for writing: badf (8)',
    guest: errors('(call $fd_read #1 #16 #1 #8)', '(call $fd_write #0 #16 #1 #8)'),
    wants: { exit: 8_08 },
  },
  {
    about: 'fd_seek',
    sentence: 'what is not open is badf (8), whatever the call',
    guest: errors(
      '(call $fd_seek #99 (i64.const 0) #0 #64)',
      '(call $fd_tell #99 #64)',
      '(call $fd_pread #99 #16 #1 (i64.const 0) #8)',
      '(call $fd_pwrite #99 #16 #1 (i64.const 0) #8)',
    ),
    wants: { exit: 8_08_08_08 },
  },
  {
    about: 'fd_advise',
    sentence:
      'what is not open is badf (8), and so are the standard descriptors, which are no files',
    guest: errors(
      '(call $fd_advise #99 (i64.const 0) (i64.const 0) #0)',
      '(call $fd_sync #99)',
      '(call $fd_datasync #1)',
      '(call $fd_advise #1 (i64.const 0) (i64.const 0) #0)',
    ),
    wants: { exit: 8_08_08_08 },
  },
  {
    about: 'fd_pread',
    sentence: 'the standard descriptors have no position (spipe, 70), and one direction (badf, 8)',
    guest: errors(
      '(call $fd_pread #0 #16 #1 (i64.const 0) #8)',
      '(call $fd_pwrite #1 #16 #1 (i64.const 0) #8)',
      '(call $fd_pread #1 #16 #1 (i64.const 0) #8)',
      '(call $fd_pwrite #0 #16 #1 (i64.const 0) #8)',
    ),
    wants: { exit: 70_70_08_08 },
  },
  {
    about: 'sock_shutdown',
    sentence: 'the standard descriptors are no sockets: notsock (57); what is not open is badf (8)',
    guest: errors(
      '(call $sock_shutdown #0 #1)',
      '(call $sock_send #1 #16 #1 #0 #8)',
      '(call $sock_recv #2 #16 #1 #0 #8 #12)',
      '(call $sock_accept #3 #0 #8)',
    ),
    wants: { exit: 57_57_57_08 },
  },
  {
    about: 'path_open',
    sentence: 'there are no files: badf (8), as there is no folder to open them in',
    guest: exitWith('(call $path_open #3 #0 #64 #4 #0 (i64.const 0) (i64.const 0) #0 #8)'),
    wants: { exit: 8 },
  },
  {
    about: 'fd_prestat_get',
    sentence: 'no folder is open from the start: badf (8) at the first',
    guest: exitWith('(call $fd_prestat_get #3 #64)'),
    wants: { exit: 8 },
  },
  {
    about: 'fd_seek',
    sentence: 'the standard descriptors have no position: spipe (70)',
    guest: exitWith('(call $fd_seek #0 (i64.const 0) #0 #64)'),
    wants: { exit: 70 },
  },
  {
    about: 'fd_fdstat_get',
    sentence: 'standard input may be read, standard output written',
    guest: program(`(drop (call $fd_fdstat_get #0 #64)) (drop (call $fd_fdstat_get #1 #96))
      (call $proc_exit (i32.add (i32.load #72) (i32.load #104)))`),
    wants: { exit: 66 },
  },
  {
    about: 'wasi',
    sentence: 'the ABI stands beside it: a program of WASI opens URLs by resource_open',
    guest: program(
      '(drop (call $fd_seek #0 (i64.const 0) #0 #64)) (call $proc_exit (call $resource_open "null://"))',
    ),
    wants: { exit: 1, bill: { urls: ['null://'] } },
  },
  {
    about: 'wasi',
    sentence: 'the limits of a run hold: output stops the guest',
    guest: withVector(`(loop $again ${vector('"0123456789"')} (br $again))`),
    given: () => ({ limits: { outputBytes: 15 } }),
    wants: { output: '012345678901234', trap: { code: 'output', limit: 15 } },
  },
  {
    about: 'wasi',
    sentence: 'a function that WASI does not have is refused, and the nearest one named',
    guest: '(module (import "wasi_snapshot_preview1" "fd_wrote" (func)) (func (export "_start")))',
    wants: { refused: { code: 'unknown-import', message: /Did you mean fd_write\?/ } },
  },
  {
    about: 'wasi',
    sentence: 'a function of another type is refused, and its type told',
    guest:
      '(module (import "wasi_snapshot_preview1" "sched_yield" (func)) (func (export "_start")))',
    wants: { refused: { code: 'bad-import-type', message: /the function is \(\) -> \(i32\)/ } },
  },
];
