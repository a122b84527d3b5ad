/** ns/random.md */
import type { ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';

/** A source with known bytes: 0x80, 0x81, … */
function counting(): { random: (into: Uint8Array) => void } {
  let next = 0x80;
  return {
    random(into) {
      for (let i = 0; i < into.length; i++) into[i] = next++;
    },
  };
}

const given = () => ({ platform: counting() });

export const random: readonly ConformanceCase[] = [
  {
    about: 'random_i32',
    sentence: 'returns a signed 32-bit number',
    guest: guest('(i32.store #64 (call $random_i32)) (call $show #64 #4)'),
    given,
    wants: {
      output: new Uint8Array([0x80, 0x81, 0x82, 0x83]),
      calls: [`random_i32() = ${0x83828180 - 2 ** 32}`, 'io_get_stdout() = 1', '*'],
    },
  },
  {
    about: 'random_u32',
    sentence: 'returns an unsigned 32-bit number',
    guest: guest('(i32.store #64 (call $random_u32)) (call $show #64 #4)'),
    given,
    wants: {
      output: new Uint8Array([0x80, 0x81, 0x82, 0x83]),
      calls: ['random_u32() = 2206368128', 'io_get_stdout() = 1', '*'],
    },
  },
  {
    about: 'random_i64',
    sentence: 'returns a signed 64-bit number',
    guest: guest('(i64.store #64 (call $random_i64)) (call $show #64 #8)'),
    given,
    wants: {
      output: new Uint8Array([0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87]),
      calls: [
        `random_i64() = ${BigInt.asIntN(64, 0x8786858483828180n)}`,
        'io_get_stdout() = 1',
        '*',
      ],
    },
  },
  {
    about: 'random_u64',
    sentence: 'returns an unsigned 64-bit number',
    guest: guest('(i64.store #64 (call $random_u64)) (call $show #64 #8)'),
    given,
    wants: {
      output: new Uint8Array([0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87]),
      calls: ['random_u64() = 9765639646188044672', 'io_get_stdout() = 1', '*'],
    },
  },
  {
    about: 'random',
    sentence: '"A sufficiently random result value is returned": 32 draws differ, bit by bit',
    guest: guest(`(loop $more
      (i64.store (i32.mul (local.get $n) #8) (call $random_u64))
      (i64.store offset=512 (i32.mul (local.get $n) #8) (call $random_i64))
      (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) #1)) #32)))
      (call $show #0 #768)`),
    async act(start) {
      const result = await start();
      const drawn = [0, 512].flatMap((at) =>
        Array.from({ length: 32 }, (_, i) =>
          result.output.slice(at + i * 8, at + i * 8 + 8).join(),
        ),
      );
      if (new Set(drawn).size !== 64)
        throw new Error(`values were drawn twice: ${drawn.join(' ')}`);
      for (let bit = 0; bit < 64; bit++) {
        const seen = new Set(
          Array.from(
            { length: 32 },
            (_, i) => ((result.output[i * 8 + (bit >> 3)] ?? 0) >> (bit & 7)) & 1,
          ),
        );
        if (seen.size !== 2) throw new Error(`bit ${bit} is always the same`);
      }
      return { ...result, output: new Uint8Array(0) };
    },
    wants: {},
  },
];
