/** schemes/log.md, null.md, random.md, zero.md */
import type { ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';

const log: readonly ConformanceCase[] = [
  {
    about: 'schemes/log',
    sentence:
      '"Data passed to the write function will be supplied to [the] logger", as information',
    guest: guest('(drop (call $resource_write (call $resource_open "log://") "hello, world!"))'),
    wants: {
      log: [[6, 'hello, world!']],
      calls: ['resource_open(url="log://") = 1', 'resource_write(fd=1, data="hello, world!") = 13'],
      bill: { bytesOut: 13 },
    },
  },
  {
    about: 'schemes/log',
    sentence:
      '"?prefix= should automatically prepend … the prefix, followed by a colon, and a space"',
    guest: guest(
      '(drop (call $resource_write (call $resource_open "log://?prefix=test") "hello, world!"))',
    ),
    wants: { log: [[6, 'test: hello, world!']] },
  },
  {
    about: 'schemes/log',
    sentence: '"the prefix is prepended to every line"',
    guest: guest(`(local.set $fd (call $resource_open "log://?prefix=a%20b"))
      (drop (call $resource_write (local.get $fd) "one\\ntwo\\n\\nfour\\n"))
      (drop (call $resource_write (local.get $fd) "five"))`),
    wants: { log: ['one', 'two', '', 'four', 'five'].map((line) => [6, `a b: ${line}`] as const) },
  },
  {
    about: 'schemes/log',
    sentence: 'an empty prefix counts as none; an empty write adds no line',
    guest: guest(`(drop (call $resource_write (call $resource_open "log://?prefix=") "plain"))
      (drop (call $resource_write (call $resource_open "log://") #0 #0))`),
    wants: { log: [[6, 'plain']] },
  },
  {
    about: 'schemes/log',
    sentence: '"Any calls to read should succeed, but result in 0 bytes being read"',
    guest: guest(`(local.set $fd (call $resource_open "log://"))
      (drop (call $resource_read (local.get $fd) #64 #8)) (drop (call $resource_read (local.get $fd) #64 #8))
      (call $show #64 #2)`),
    wants: {
      output: '\0\0',
      calls: [
        'resource_open(url="log://") = 1',
        'resource_read(fd=1, data_base=64, data_len=8) = 0',
        'resource_read(fd=1, data_base=64, data_len=8) = 0',
        'io_get_stdout() = 2',
        '*',
      ],
    },
  },
];

const nothing: readonly ConformanceCase[] = [
  {
    about: 'schemes/null',
    sentence: 'read: "The call will succeed, but no bytes will be read"',
    guest: guest(`(local.set $fd (call $resource_open "null://")) (i32.store8 #64 #65)
      (drop (call $resource_read (local.get $fd) #64 #8)) (drop (call $resource_read (local.get $fd) #64 #8))
      (call $show #64 #2)`),
    wants: {
      output: 'A\0',
      calls: [
        'resource_open(url="null://") = 1',
        'resource_read(fd=1, data_base=64, data_len=8) = 0',
        'resource_read(fd=1, data_base=64, data_len=8) = 0',
        'io_get_stdout() = 2',
        '*',
      ],
    },
  },
  {
    about: 'schemes/null',
    sentence: 'write: "All written data is accepted, and discarded"',
    guest: guest('(drop (call $resource_write (call $resource_open "null://") #0 #65536))'),
    wants: { bill: { bytesOut: 65536 } },
  },
];

const zeros: readonly ConformanceCase[] = [
  {
    about: 'schemes/zero',
    sentence:
      'read: "Every byte available in the memory given by length will be written to with a 0"',
    guest: guest(`(memory.fill #60 #65 #16)
      (drop (call $resource_read (call $resource_open "zero://") #64 #8)) (call $show #60 #16)`),
    wants: {
      output: `AAAA${'\0'.repeat(8)}AAAA`,
      calls: [
        'resource_open(url="zero://") = 1',
        'resource_read(fd=1, data_base=64, data_len=8) = 8',
        'io_get_stdout() = 2',
        '*',
      ],
    },
  },
  {
    about: 'schemes/zero',
    sentence: 'write: "all data will report as successfully written"',
    guest: guest('(drop (call $resource_write (call $resource_open "zero://") "gone"))'),
    wants: { calls: ['resource_open(url="zero://") = 1', 'resource_write(fd=1, data="gone") = 4'] },
  },
];

/** A source whose bytes count up. */
const counting = () => {
  let next = 0;
  return {
    platform: {
      random(into: Uint8Array) {
        for (let i = 0; i < into.length; i++) into[i] = next++;
      },
    },
  };
};

const chance: readonly ConformanceCase[] = [
  {
    about: 'schemes/random',
    sentence:
      'read: "Data is read from the system cryptographic entropy source", as much as requested',
    guest: guest(`(local.set $fd (call $resource_open "random://"))
      (drop (call $resource_read (local.get $fd) #64 #3)) (drop (call $resource_read (local.get $fd) #67 #2))
      (call $show #63 #8)`),
    given: counting,
    wants: {
      output: new Uint8Array([0, 0, 1, 2, 3, 4, 0, 0]),
      calls: [
        'resource_open(url="random://") = 1',
        'resource_read(fd=1, data_base=64, data_len=3) = 3',
        'resource_read(fd=1, data_base=67, data_len=2) = 2',
        'io_get_stdout() = 2',
        '*',
      ],
    },
  },
  {
    about: 'schemes/random',
    sentence: 'a read of more than the platform returns at once is filled completely',
    guest: guest(
      `(drop (call $resource_read (call $resource_open "random://") #0 #0x20000))
      (call $show #0x1fff0 #16)`,
      { memory: '(memory (export "memory") 2)' },
    ),
    async act(start) {
      const result = await start();
      if (result.output.every((byte) => byte === 0)) throw new Error('the end is all zeros');
      return { ...result, output: new Uint8Array(0) };
    },
    wants: { bill: { bytesIn: 0x20000, bytesOut: 16 } },
  },
  {
    about: 'schemes/random',
    sentence: 'write: "Write calls will return UnknownError"',
    guest: guest(
      '(call $runtime_exit (call $resource_write (call $resource_open "random://") "a"))',
    ),
    wants: { exit: -1, log: [[3, 'resource_write: random:// cannot be written.']] },
  },
];

/** Close: "No side effects", "should clean up any underlying resources". */
const closes = ['log://', 'null://', 'random://', 'zero://'].map((url): ConformanceCase => ({
  about: `schemes/${url.split(':', 1)[0] ?? ''}`,
  sentence: 'close has no other effect',
  guest:
    guest(`(local.set $a (call $resource_open "${url}")) (local.set $b (call $resource_open "${url}"))
      (drop (call $resource_flush (local.get $a))) (call $resource_close (local.get $a))
      (drop (call $resource_read (local.get $b) #64 #1)) (drop (call $resource_read (local.get $a) #64 #1))`),
  wants: {
    log: [[3, 'resource_read: descriptor 1 is not open.']],
    calls: [
      `resource_open(url="${url}") = 1`,
      `resource_open(url="${url}") = 2`,
      'resource_flush(fd=1) = 0',
      'resource_close(fd=1)',
      `resource_read(fd=2, data_base=64, data_len=1) = ${url === 'log://' || url === 'null://' ? 0 : 1}`,
      'resource_read(fd=1, data_base=64, data_len=1) = -2',
    ],
  },
}));

export const schemes: readonly ConformanceCase[] = [
  ...log,
  ...nothing,
  ...zeros,
  ...chance,
  ...closes,
];
