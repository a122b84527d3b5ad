/** ns/time.md */
import type { ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';

const show = '(i64.store #64 (call $time_now)) (call $show #64 #8)';

function littleEndian(seconds: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, seconds, true);
  return bytes;
}

function at(ms: number, seconds: bigint, sentence: string): ConformanceCase {
  return {
    about: 'time_now',
    sentence,
    guest: guest(show),
    given: () => ({ platform: { now: () => ms } }),
    wants: {
      output: littleEndian(seconds),
      calls: [`time_now() = ${seconds}`, 'io_get_stdout() = 1', '*'],
    },
  };
}

export const time: readonly ConformanceCase[] = [
  at(1_780_000_000_000, 1_780_000_000n, '"the number of seconds elapsed since Jan 1, 1970, UTC"'),
  at(1_999, 1n, 'a partial second does not count'),
  at(0, 0n, 'it is 0 at the very beginning of 1970'),
  at(4_294_967_296_000, 4_294_967_296n, 'the number has 64 bits: no year 2038, no year 2106'),
  {
    about: 'time_now',
    sentence: '"This offset will always be in UTC": it is the clock of the platform',
    guest: guest(show),
    async act(start, { platform }) {
      const before = Math.floor(platform.now() / 1000);
      const result = await start();
      const after = Math.floor(platform.now() / 1000);
      const told = Number(new DataView(result.output.buffer).getBigInt64(0, true));
      if (told < before || told > after) throw new Error(`${told} is not in ${before} to ${after}`);
      return { ...result, output: new Uint8Array(0) };
    },
    wants: {},
  },
];
