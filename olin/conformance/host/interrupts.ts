/** The contract of this project: the time limit and the caller can stop a guest, whatever it is doing. */
import type { ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';

const about = 'olin: stops';

export const interrupts: readonly ConformanceCase[] = [
  {
    about,
    sentence: 'a guest that sleeps past its time is woken and stopped',
    guest: guest('(call $show "before") (call $runtime_msleep #60000) (call $show "after")'),
    given: () => ({ limits: { wallMs: 15 } }),
    wants: {
      output: 'before',
      trap: {
        code: 'time',
        message: /the limit is 15 ms, and it used \d+\. Raise the time limit/,
        limit: 15,
      },
    },
  },
  {
    about,
    sentence: 'a guest that waits for input that never arrives is stopped at its time limit',
    guest: guest('(drop (call $resource_read (call $io_get_stdin) #64 #1)) (call $show "after")'),
    given: () => ({ stdin: new ReadableStream<Uint8Array>(), limits: { wallMs: 15 } }),
    wants: {
      trap: { code: 'time' },
      calls: ['io_get_stdin() = 1', 'resource_read(fd=1, data_base=64, data_len=1) ! *'],
    },
  },
  {
    about,
    sentence: 'catching the stop and sleeping again does not help',
    guest: guest(`(loop $more (try (do (call $runtime_msleep #60000)) (catch_all))
      (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) #1)) #20)))`),
    given: () => ({ limits: { wallMs: 15 } }),
    wants: { trap: { code: 'time' } },
  },
  {
    about,
    sentence: 'the caller stops a guest that sleeps',
    guest: guest('(call $show "before") (call $runtime_msleep #60000) (call $show "after")'),
    async act(start) {
      const caller = new AbortController();
      return start({ signal: caller.signal, onCall: () => setTimeout(() => caller.abort(), 1) });
    },
    wants: {
      output: 'before',
      trap: { code: 'cancelled', message: 'The guest was stopped by its caller.' },
    },
  },
  {
    about,
    sentence: 'a run whose caller has already given up does nothing',
    guest: guest('(call $show "never")'),
    given: () => ({ signal: AbortSignal.abort() }),
    wants: { trap: { code: 'cancelled' } },
  },
  {
    about,
    sentence: 'a caller that gives up after the end changes nothing',
    guest: guest('(call $runtime_exit #3)'),
    async act(start) {
      const caller = new AbortController();
      const result = await start({ signal: caller.signal });
      caller.abort();
      return result;
    },
    wants: { exit: 3 },
  },
  {
    about,
    sentence: 'a time limit longer than any timer does not expire at once',
    guest: guest('(call $runtime_msleep #5) (call $show "done")'),
    given: () => ({ limits: { wallMs: Number.MAX_SAFE_INTEGER } }),
    wants: { output: 'done' },
  },
];
