/** ns/log.md */
import type { ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';

const about = 'log_write';

export const log: readonly ConformanceCase[] = [
  {
    about,
    sentence: '"level can be one of: 1: Error, 3: Warning, 6: Info"',
    guest: guest('(call $log_write #1 "bad") (call $log_write #3 "odd") (call $log_write #6 "so")'),
    wants: {
      log: [
        [1, 'bad'],
        [3, 'odd'],
        [6, 'so'],
      ],
      calls: [
        'log_write(level=1, text="bad")',
        'log_write(level=3, text="odd")',
        'log_write(level=6, text="so")',
      ],
    },
  },
  {
    about,
    sentence: '"If level is not one of these": the line is logged with its number',
    guest: guest(`(call $log_write #0 "a") (call $log_write #2 "b") (call $log_write #-1 "c")
      (call $log_write #7 "d") (call $log_write #0x7fffffff "e") (call $log_write #0x80000000 "f")`),
    wants: {
      log: [
        [0, 'a'],
        [2, 'b'],
        [-1, 'c'],
        [7, 'd'],
        [2147483647, 'e'],
        [-2147483648, 'f'],
      ],
    },
  },
  {
    about,
    sentence: '"Writes text (the memory range from text_base to text_base + text_len)"',
    guest: guest(
      '(call $log_write #6 "é\\00 two\\nlines \\e2\\82\\ac") (call $log_write #6 #64 #0)',
    ),
    wants: {
      log: [
        [6, 'é\0 two\nlines €'],
        [6, ''],
      ],
    },
  },
  {
    about,
    sentence: 'a byte order mark is ordinary text',
    guest: guest('(call $log_write #6 "\\ef\\bb\\bfa")'),
    wants: { log: [[6, '\uFEFFa']] },
  },
  {
    about,
    sentence: '"The text must be valid UTF-8": invalid bytes become U+FFFD',
    guest: guest('(call $log_write #6 "a\\ffb\\c3(\\ed\\a0\\80")'),
    wants: { log: [[6, 'a\uFFFDb\uFFFD(\uFFFD\uFFFD\uFFFD']] },
  },
  {
    about,
    sentence: '"This function MUST always succeed": text outside the memory is a warning',
    guest: guest('(call $log_write #1 #65536 #1) (call $log_write #1 "still here")'),
    wants: {
      log: [
        [3, /^log_write: bytes 65536 to 65537 are outside the guest's memory/],
        [1, 'still here'],
      ],
      calls: [
        'log_write(level=1, text_base=65536, text_len=1)',
        'log_write(level=1, text="still here")',
      ],
    },
  },
];
