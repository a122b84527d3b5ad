/**
 * The contract of this project: gas is one unit per executed instruction, counted exactly, and the same on every
 * platform.
 */
import { parsePolicy } from '../../policy/policy.ts';
import type { ConformanceCase } from '../conform.ts';
import { guest, type GuestOptions } from '../guest.ts';

const about = 'olin: gas';

function costs(gas: number, what: string, body: string, options?: GuestOptions): ConformanceCase {
  return { about, sentence: what, guest: guest(body, options), wants: { bill: { gas } } };
}

/** A loop with 7 instructions per round. */
const loop = (rounds: number): string => `(loop $again
  (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) #1)) #${rounds})))`;

const counts: readonly ConformanceCase[] = [
  costs(0, 'a guest that does nothing costs nothing', ''),
  costs(5, 'each executed instruction costs 1', '(drop (i32.add #1 #2)) nop'),
  costs(700, 'each round of a loop costs gas, the `loop` instruction does not', loop(100)),
  costs(3, 'only the branch that is taken costs gas', '(if #1 (then nop) (else nop nop nop))'),
  costs(
    5,
    'a block that is left early costs only the executed instructions',
    '(block $out nop (br_if $out #1) nop nop) nop nop',
  ),
  costs(5, 'a call costs 1, plus the instructions of the function', 'nop (call $f)', {
    fields: '(func $f nop nop (return) nop)',
  }),
  costs(102, 'a system call costs 100 plus the call instruction', '(drop (call $random_i32))'),
  costs(102, 'sleeping costs no more than any call', '(call $runtime_msleep #2)'),
  costs(129, 'filling memory costs 1 more for each 8 bytes', '(memory.fill #0 #1 #1000)'),
  costs(8195, 'growing memory costs as much as filling it', '(drop (memory.grow #1))'),
  costs(4, 'the start section is charged too', 'nop', {
    fields: '(func $begin nop nop nop) (start $begin)',
  }),
  {
    about,
    sentence: 'a guest that exits pays up to the exit',
    guest: guest('nop (call $runtime_exit #9) nop nop'),
    wants: { exit: 9, bill: { gas: 103 } },
  },
  {
    about,
    sentence: 'a guest that traps pays up to the trap, including the trapping instruction',
    guest: guest('nop nop unreachable nop'),
    wants: { trap: { code: 'trap' }, bill: { gas: 3 } },
  },
  {
    about,
    sentence: 'a guest that throws and catches pays for the executed instructions',
    guest: guest('(try (do nop (throw $e) nop nop) (catch $e nop)) nop', { fields: '(tag $e)' }),
    wants: { bill: { gas: 2003 } },
  },
  {
    about,
    sentence: 'two runs with the same input cost the same, for every slice size',
    guest: guest(loop(300_000)),
    async act(start) {
      const results = await Promise.all([start(), start(), start()]);
      const [first] = results;
      if (first === undefined || results.some(({ bill }) => bill.gas !== first.bill.gas)) {
        throw new Error(`gas ${results.map(({ bill }) => bill.gas).join()}`);
      }
      return first;
    },
    wants: { bill: { gas: 2_100_000 } },
  },
];

const endless = '(loop $again (br $again))';
const allTheGas = parsePolicy('gas-limit 9007199254740991\n');

const limits: readonly ConformanceCase[] = [
  {
    about,
    sentence: 'a guest can use its gas to the last unit',
    guest: guest(loop(100)),
    given: () => ({ limits: { gas: 700 } }),
    wants: { bill: { gas: 700 } },
  },
  {
    about,
    sentence: 'a guest that needs one unit more is stopped',
    guest: guest(`${loop(100)} (call $show "never")`),
    given: () => ({ limits: { gas: 699 } }),
    wants: {
      trap: {
        code: 'gas',
        message: /used up its gas: the limit is 699 instructions.*Raise the gas limit of the run/,
        backtrace: ['main'],
        limit: 699,
      },
    },
  },
  ...['', '(call $f)', '(call_indirect #0)'].map((call): ConformanceCase => ({
    about,
    sentence: `an endless loop is stopped${call === '' ? '' : `, of ${call} too`}`,
    guest: guest(`(loop $again ${call} (br $again))`, {
      fields: '(func $f) (table 1 funcref) (elem #0 $f)',
    }),
    given: () => ({ limits: { gas: 100_000 } }),
    wants: { trap: { code: 'gas', limit: 100_000 } },
  })),
  {
    about,
    sentence: 'a guest that catches all exceptions does not survive the end of its gas',
    guest: guest(`(loop $more (try (do ${endless}) (catch_all)) (br $more))`),
    given: () => ({ limits: { gas: 100_000 } }),
    wants: { trap: { code: 'gas' } },
  },
  {
    about,
    sentence: 'an endless start section is stopped',
    guest: guest('', { fields: `(func $begin ${endless}) (start $begin)` }),
    given: () => ({ limits: { gas: 100_000 } }),
    wants: { trap: { code: 'gas' } },
  },
  {
    about,
    sentence: 'a caller cannot raise the gas-limit of a policy',
    guest: guest(endless),
    given: () => ({ policy: parsePolicy('gas-limit 1000\n'), limits: { gas: 5000 } }),
    wants: { trap: { code: 'gas', limit: 1000 } },
  },
  {
    about,
    sentence: 'if guests cannot be suspended, an endless loop is stopped too',
    guest: guest(endless),
    given: () => ({ platform: { canSuspend: false }, limits: { gas: 2_000_000 } }),
    wants: { trap: { code: 'gas' } },
  },
];

const turns: readonly ConformanceCase[] = [
  {
    about,
    sentence: 'a busy guest is stopped at its time limit',
    guest: guest(endless),
    given: () => ({ policy: allTheGas, limits: { wallMs: 20 } }),
    wants: { trap: { code: 'time', limit: 20, backtrace: ['main'] } },
  },
  {
    about,
    sentence: 'a busy guest is stopped by its caller',
    guest: guest(`(call $log_write #6 "busy") ${endless}`),
    async act(start) {
      const caller = new AbortController();
      const onLog = (): unknown => setTimeout(() => caller.abort(), 1);
      return start({ policy: allTheGas, signal: caller.signal, onLog });
    },
    wants: { log: [[6, 'busy']], trap: { code: 'cancelled', backtrace: ['main'] } },
  },
  {
    about,
    sentence: 'a busy guest that catches all exceptions is stopped too',
    guest: guest(`(loop $more (try (do ${endless}) (catch_all)) (br $more))`),
    given: () => ({ policy: allTheGas, limits: { wallMs: 20 } }),
    wants: { trap: { code: 'time' } },
  },
  {
    about,
    sentence: 'other guests run while one is busy',
    guest: guest(`(if (i32.eq (call $env_get "BUSY" #0 #0) #1) (then ${endless}))
      (call $runtime_msleep #1) (call $show "done")`),
    async act(start) {
      const caller = new AbortController();
      const busy = start({ env: { BUSY: '1' }, policy: allTheGas, signal: caller.signal });
      const other = await start();
      caller.abort();
      const { trap } = await busy;
      if (trap?.code !== 'cancelled') throw new Error(`the busy one ended with ${trap?.code}`);
      return other;
    },
    wants: { output: 'done' },
  },
];

const growth: readonly ConformanceCase[] = [
  {
    about: 'olin: memory',
    sentence: 'growth past the limit returns -1 and logs the reason, and the guest continues',
    guest: guest('(drop (memory.grow #1)) (call $runtime_exit (memory.grow #3))'),
    given: () => ({ limits: { memoryPages: 4 } }),
    wants: {
      exit: -1,
      log: [[3, /^memory\.grow failed: the limit is 4 pages of 64 KiB/]],
      bill: { memoryPages: 2 },
    },
  },
  {
    about: 'olin: memory',
    sentence: 'growth to the limit succeeds',
    guest: guest('(call $runtime_exit (memory.grow #3))'),
    given: () => ({ limits: { memoryPages: 4 } }),
    wants: { exit: 1, bill: { memoryPages: 4 } },
  },
];

export const gas: readonly ConformanceCase[] = [...counts, ...limits, ...turns, ...growth];
