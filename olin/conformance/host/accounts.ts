/** The contract of this project: the trace, log and bill of a run. */
import type { ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';

export const accounts: readonly ConformanceCase[] = [
  {
    about: 'olin: trace',
    sentence: 'long text is cut, and its length reported',
    guest: guest('(memory.fill #64 #97 #1000) (call $log_write #6 #64 #1000)'),
    wants: {
      log: [[6, 'a'.repeat(1000)]],
      calls: [`log_write(level=6, text="${'a'.repeat(200)}… (1000 bytes)")`],
    },
  },
  {
    about: 'olin: trace',
    sentence: 'calls beyond its limit are only counted in the bill',
    guest: guest(`(loop $more (drop (call $random_i32))
      (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) #1)) #50)))`),
    given: () => ({ limits: { traceCalls: 2 } }),
    wants: { calls: ['random_i32() = *', 'random_i32() = *'], bill: { calls: { random_i32: 50 } } },
  },
  {
    about: 'olin: trace',
    sentence: 'arguments are those that the guest passed, even if the call overwrites them',
    guest: guest(`(i32.store8 #64 #75) (i32.store8 #65 #69) (i32.store8 #66 #89)
      (drop (call $env_get #64 #3 #64 #5))`),
    given: () => ({ env: { KEY: 'value' } }),
    wants: { calls: ['env_get(key="KEY", value_base=64, value_len=5) = 5'] },
  },
  {
    about: 'olin: trace',
    sentence:
      'calls and log lines are reported as they happen, in order, with times that do not go back',
    guest:
      guest(`(call $log_write #6 "one") (drop (call $startup_arg_len)) (call $log_write #3 "two")
      (call $runtime_msleep #1)`),
    async act(start) {
      const events: string[] = [];
      const result = await start({
        onLog: ({ level, text }) => events.push(`${level} ${text}`),
        onCall: ({ name }) => events.push(name),
      });
      const times = result.trace.map(({ atMs }) => atMs);
      if (times.some((at, i) => at < (times[i - 1] ?? 0))) throw new Error(`times ${times.join()}`);
      if (result.trace.some(({ tookMs }) => tookMs < 0))
        throw new Error('a call took negative time');
      return { ...result, output: new TextEncoder().encode(events.join()) };
    },
    wants: {
      output: '6 one,log_write,startup_arg_len,3 two,log_write,runtime_msleep',
      log: [
        [6, 'one'],
        [3, 'two'],
      ],
    },
  },
  {
    about: 'olin: bill',
    sentence: 'system calls are counted by name, failed ones too; URLs in order, repeats too',
    guest:
      guest(`(drop (call $resource_open "null://")) (drop (call $resource_open "log://?prefix=a"))
      (drop (call $resource_open "null://")) (drop (call $startup_arg_at #9 #0 #0)) (call $runtime_exit #0)`),
    wants: {
      log: [[3, /^startup_arg_at/]],
      bill: {
        calls: { resource_open: 3, startup_arg_at: 1, runtime_exit: 1 },
        urls: ['null://', 'log://?prefix=a', 'null://'],
      },
    },
  },
  {
    about: 'olin: bill',
    sentence: 'bytes in and out are those of resources and of standard input, output and error',
    guest: guest(`(drop (call $resource_read (call $resource_open "zero://") #64 #100))
      (drop (call $resource_read (call $io_get_stdin) #64 #100))
      (drop (call $resource_write (call $resource_open "null://") "abcd")) (call $show "ab")
      (drop (call $resource_write (call $io_get_stderr) "c"))`),
    given: () => ({ stdin: 'abc' }),
    wants: { output: 'ab', errorOutput: 'c', bill: { bytesIn: 103, bytesOut: 7 } },
  },
];
