/** ns/runtime.md */
import type { ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';

const afterwards = '(call $show "after")';

const exits: readonly ConformanceCase[] = [
  ...[0, 1, 42, 255, 256, -1, 2147483647, -2147483648].map((status): ConformanceCase => ({
    about: 'runtime_exit',
    sentence: `"passes the status code passed to this function up the stack": ${status}`,
    guest: guest(`(call $runtime_exit #${status})`),
    wants: { exit: status, calls: [`runtime_exit(status=${status}) ! *`] },
  })),
  {
    about: 'runtime_exit',
    sentence: '"Immediately exits the VM": the code after it does not run',
    guest: guest(`(call $show "before") (call $runtime_exit #3) ${afterwards}`),
    wants: {
      exit: 3,
      output: 'before',
      bill: { calls: { io_get_stdout: 1, resource_write: 1, runtime_exit: 1 } },
    },
  },
  {
    about: 'runtime_exit',
    sentence: '"Immediately exits the VM" from nested calls',
    guest: guest(`(call $one) ${afterwards}`, {
      fields: `(func $one (call $two) unreachable) (func $two (call $three (i32.const 4)) unreachable)
        (func $three (param i32) (call $runtime_exit (local.get 0)) unreachable)`,
    }),
    wants: { exit: 4 },
  },
  {
    about: 'runtime_exit',
    sentence: '"Immediately exits the VM" out of a call through a table',
    guest: guest(`(call_indirect (param i32) #9 #0) ${afterwards}`, {
      fields: '(table 1 funcref) (elem #0 $runtime_exit)',
    }),
    wants: { exit: 9 },
  },
  {
    about: 'runtime_exit',
    sentence: 'a guest that catches all exceptions does not survive it',
    guest: guest(`(try (do (call $runtime_exit #5)) (catch_all ${afterwards})) ${afterwards}
      (call $runtime_exit #6)`),
    wants: { exit: 5 },
  },
  {
    about: 'runtime_exit',
    sentence: 'the first status counts, whatever the guest does after catching the exit',
    guest: guest('(try (do (call $runtime_exit #5)) (catch_all)) unreachable'),
    wants: { exit: 5 },
  },
  {
    about: '_start',
    sentence: 'a guest that returns exits with status 0',
    guest: guest(''),
    wants: { exit: 0, calls: [] },
  },
];

/** A timer that fires at once and records the requested time. */
function quickTimer(asked: number[]): { timer: (ms: number, done: () => void) => () => void } {
  return {
    timer(ms, done) {
      asked.push(ms);
      // The run's own time limit is a timer too; a timer of a day never fires.
      if (ms < 86_400_000) queueMicrotask(done);
      return () => {};
    },
  };
}

const DAY_MS = 86_400_000;

const sleeps: readonly ConformanceCase[] = [
  {
    about: 'runtime_msleep',
    sentence: '"Sleeps for the given ms milliseconds"',
    guest: guest('(call $runtime_msleep #250) (call $runtime_msleep #3) (call $show "done")'),
    async act(start) {
      const asked: number[] = [];
      const result = await start({ platform: quickTimer(asked), limits: { wallMs: DAY_MS } });
      // One more watches the run's time.
      const slept = asked.filter((ms) => ms < DAY_MS / 2);
      if (slept.join() !== '250,3') throw new Error(`timers of ${asked.join()} ms`);
      return result;
    },
    wants: {
      output: 'done',
      calls: ['runtime_msleep(ms=250)', 'runtime_msleep(ms=3)', 'io_get_stdout() = 1', '*'],
    },
  },
  {
    about: 'runtime_msleep',
    sentence: 'ms is unsigned: a sleep of 49 days begins and does not return at once',
    guest: guest('(call $runtime_msleep #-1)'),
    given: () => ({ limits: { wallMs: 20 } }),
    wants: { trap: { code: 'time', limit: 20 }, calls: ['runtime_msleep(ms=4294967295) ! *'] },
  },
  {
    about: 'runtime_msleep',
    sentence: 'a sleep of 0 ms lets others run, and returns',
    guest: guest('(call $runtime_msleep #0) (call $show "done")'),
    async act(start, place) {
      let turns = 0;
      const turn = (): Promise<void> => {
        turns++;
        return place.platform.turn();
      };
      const result = await start({ platform: { turn } });
      if (turns === 0) throw new Error('the event loop got no turn');
      return result;
    },
    wants: { output: 'done' },
  },
  {
    about: 'runtime_msleep',
    sentence: 'other guests run while one sleeps',
    guest: guest(`(if (i32.eq (call $env_get "SLEEP" #0 #0) #1) (then (call $runtime_msleep #5)))
      (call $show "done")`),
    async act(start) {
      const asleep = Promise.withResolvers<() => void>();
      const timer = (ms: number, done: () => void): (() => void) => {
        if (ms === 5) asleep.resolve(done);
        return () => {};
      };
      const sleeper = start({ env: { SLEEP: '1' }, platform: { timer } });
      const wake = await asleep.promise;
      const other = await start();
      if (new TextDecoder().decode(other.output) !== 'done')
        throw new Error('the other did not end');
      wake();
      return sleeper;
    },
    wants: { output: 'done' },
  },
  {
    about: 'runtime_msleep',
    sentence:
      '"If the environment does not support sleeping, calling this results in a fatal error"',
    guest: guest(`(call $show "before") (call $runtime_msleep #1) ${afterwards}`),
    given: () => ({ platform: { canSuspend: false } }),
    wants: {
      output: 'before',
      trap: { code: 'cannot-suspend', message: /Chrome 137, Firefox 153, Safari 27/ },
    },
  },
];

const facts: readonly ConformanceCase[] = [
  {
    about: 'runtime_name',
    sentence:
      '"Writes the name of the current runtime environment to out and returns the number of bytes written"',
    guest: guest('(drop (call $runtime_name #64 #32)) (call $show #64 #6)'),
    wants: {
      output: 'olin\0\0',
      calls: ['runtime_name(out_base=64, out_len=32) = 4', 'io_get_stdout() = 1', '*'],
    },
  },
  {
    about: 'runtime_name',
    sentence: 'a buffer of exactly the length of the name is big enough',
    guest: guest('(call $show #64 (call $runtime_name #64 #4))'),
    wants: { output: 'olin' },
  },
  {
    about: 'runtime_name',
    sentence: 'InvalidArgument if the name does not fit, and nothing is written',
    guest: guest(
      '(drop (call $runtime_name #64 #3)) (drop (call $runtime_name #64 #0)) (call $show #64 #4)',
    ),
    wants: {
      output: '\0\0\0\0',
      log: [
        [3, /^runtime_name: the name needs 4 bytes, the buffer has 3/],
        [3, /^runtime_name: the name needs 4 bytes, the buffer has 0/],
      ],
      calls: [
        'runtime_name(out_base=64, out_len=3) = -2',
        'runtime_name(out_base=64, out_len=0) = -2',
        'io_get_stdout() = 1',
        '*',
      ],
    },
  },
  {
    about: 'runtime_spec_major',
    sentence: '"Returns the major version of the CommonWA spec implemented": 0',
    guest: guest('(call $runtime_exit (i32.add (call $runtime_spec_major) #100))'),
    wants: { exit: 100, calls: ['runtime_spec_major() = 0', '*'] },
  },
  {
    about: 'runtime_spec_minor',
    sentence: '"Returns the minor version of the CommonWA spec implemented": 2',
    guest: guest('(call $runtime_exit (call $runtime_spec_minor))'),
    wants: { exit: 2, calls: ['runtime_spec_minor() = 2', '*'] },
  },
];

export const runtime: readonly ConformanceCase[] = [...exits, ...sleeps, ...facts];
