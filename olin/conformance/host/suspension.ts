/** The contract of this project: a waiting guest is suspended, and data streams through it. */
import type { ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';

const about = 'olin: waiting';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

function streamOf(...chunks: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async start(controller) {
      for (const chunk of chunks) {
        await Promise.resolve();
        controller.enqueue(ascii(chunk));
      }
      controller.close();
    },
  });
}

/** Copies standard input to standard output, 4 bytes at a time. */
const echo = guest(`(local.set $fd (call $io_get_stdin)) (local.set $a (call $io_get_stdout))
  (block $end (loop $more
    (local.set $n (call $resource_read (local.get $fd) #64 #4))
    (br_if $end (i32.lt_s (local.get $n) #0))
    (drop (call $resource_write (local.get $a) #64 (local.get $n)))
    (br $more)))
  (call $runtime_exit (local.get $n))`);

const input: readonly ConformanceCase[] = [
  {
    about,
    sentence: 'standard input may be text',
    guest: echo,
    given: () => ({ stdin: 'héllo' }),
    wants: { exit: -5, output: 'héllo', bill: { bytesIn: 6, bytesOut: 6 } },
  },
  {
    about,
    sentence: 'standard input may be any bytes',
    guest: echo,
    given: () => ({ stdin: Uint8Array.from({ length: 256 }, (_, i) => i) }),
    wants: { exit: -5, output: Uint8Array.from({ length: 256 }, (_, i) => i) },
  },
  {
    about,
    sentence: 'standard input may be a stream, whose chunks are cut to the buffer',
    guest: echo,
    given: () => ({ stdin: streamOf('abcdef', 'g', '', 'hij') }),
    wants: {
      exit: -5,
      output: 'abcdefghij',
      calls: [
        'io_get_stdin() = 1',
        'io_get_stdout() = 2',
        'resource_read(fd=1, data_base=64, data_len=4) = 4',
        'resource_write(fd=2, data="abcd") = 4',
        'resource_read(fd=1, data_base=64, data_len=4) = 2',
        'resource_write(fd=2, data="ef") = 2',
        'resource_read(fd=1, data_base=64, data_len=4) = 1',
        'resource_write(fd=2, data="g") = 1',
        'resource_read(fd=1, data_base=64, data_len=4) = 3',
        'resource_write(fd=2, data="hij") = 3',
        'resource_read(fd=1, data_base=64, data_len=4) = -5',
        'runtime_exit(status=-5) ! *',
      ],
    },
  },
  {
    about,
    sentence: 'closing one descriptor of it leaves the stream open for others',
    guest: guest(`(call $resource_close (call $io_get_stdin)) (local.set $fd (call $io_get_stdin))
      (call $resource_close (call $io_get_stdin))
      (drop (call $resource_read (local.get $fd) #64 #2)) (call $resource_close (local.get $fd))
      (drop (call $resource_read (call $io_get_stdin) #66 #2)) (call $show #64 #4)`),
    given: () => ({ stdin: streamOf('ab', 'cd') }),
    wants: { output: 'abcd' },
  },
  {
    about,
    sentence: 'a stream that ends without a byte is EndOfFile',
    guest: echo,
    given: () => ({ stdin: streamOf() }),
    wants: { exit: -5 },
  },
  {
    about,
    sentence: 'a stream that fails is UnknownError, with a line in the log',
    guest: echo,
    given: () => ({
      stdin: new ReadableStream<Uint8Array>({
        pull(controller) {
          controller.error(new Error('the caller hung up'));
        },
      }),
    }),
    wants: { exit: -1, log: [[3, 'resource_read: standard input ended early.']] },
  },
  {
    about,
    sentence: 'the source of a stream is cancelled when the guest ends',
    guest: guest('(drop (call $resource_read (call $io_get_stdin) #64 #4)) (call $show #64 #4)'),
    async act(start) {
      let told = false;
      const stdin = new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(ascii('abcdef')),
        cancel() {
          told = true;
        },
      });
      const result = await start({ stdin });
      await Promise.resolve();
      if (!told) throw new Error('the source was not cancelled');
      return result;
    },
    wants: { output: 'abcd' },
  },
  {
    about,
    sentence: 'a guest responds while its input is still arriving',
    guest: echo,
    async act(start) {
      const written: string[] = [];
      // The output of the guest produces its next input.
      const { readable: stdin, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const writer = writable.getWriter();
      const stdout = (chunk: Uint8Array): void => {
        written.push(new TextDecoder().decode(chunk));
        void (written.length < 3 ? writer.write(ascii(`${written.length}`)) : writer.close());
      };
      void writer.write(ascii('0'));
      const result = await start({ stdin, stdout });
      return { ...result, output: ascii(written.join()) };
    },
    wants: { exit: -5, output: '0,1,2' },
  },
];

const output: readonly ConformanceCase[] = [
  {
    about,
    sentence: 'a guest waits for a slow reader of its output',
    guest: guest('(call $show "a") (call $log_write #6 "between") (call $show "b")'),
    async act(start) {
      const events: string[] = [];
      const result = await start({
        onLog: ({ text }) => events.push(text),
        async stdout(chunk) {
          await new Promise((resolve) => setTimeout(resolve, 2));
          events.push(new TextDecoder().decode(chunk));
        },
      });
      return { ...result, output: ascii(events.join()) };
    },
    wants: { output: 'a,between,b', log: [[6, 'between']] },
  },
  {
    about,
    sentence: 'output is passed to its reader as it is written, and the reader may keep chunks',
    guest: guest(
      '(i32.store8 #64 #97) (call $show #64 #1) (i32.store8 #64 #98) (call $show #64 #1)',
    ),
    async act(start) {
      const chunks: Uint8Array[] = [];
      const result = await start({ stdout: (chunk) => void chunks.push(chunk) });
      if (result.output.length > 0) throw new Error('the output is collected too');
      return {
        ...result,
        output: ascii(chunks.map((chunk) => new TextDecoder().decode(chunk)).join()),
      };
    },
    wants: { output: 'a,b' },
  },
];

const withoutSuspension = { platform: { canSuspend: false } };

const places: readonly ConformanceCase[] = [
  {
    about,
    sentence: 'if guests cannot be suspended, one that never waits still runs',
    guest: echo,
    given: () => ({ ...withoutSuspension, stdin: 'all of it' }),
    wants: { exit: -5, output: 'all of it' },
  },
  {
    about,
    sentence:
      'if guests cannot be suspended, one that waits for input is stopped with the names of engines that can',
    guest: echo,
    given: () => ({ ...withoutSuspension, stdin: streamOf('a') }),
    wants: {
      trap: {
        code: 'cannot-suspend',
        message: /Chrome 137, Firefox 153, Safari 27, Node 26/,
        backtrace: ['main'],
      },
    },
  },
  {
    about,
    sentence: 'if guests cannot be suspended, catching the stop does not help',
    guest: guest('(try (do (call $runtime_msleep #1)) (catch_all)) (call $show "survived")'),
    given: () => withoutSuspension,
    wants: { trap: { code: 'cannot-suspend' } },
  },
  {
    about,
    sentence: 'two concurrent runs of a module do not affect each other',
    guest: guest(
      `(i32.store #0 (i32.add (i32.load #0) #1)) (global.set $g (i32.add (global.get $g) #1))
      (drop (call $resource_read (call $io_get_stdin) #64 #4))
      (i32.store8 #68 (i32.add (i32.load #0) #48)) (i32.store8 #69 (i32.add (global.get $g) #48))
      (call $log_write #6 #64 #6) (call $show #64 #6)`,
      { fields: '(global $g (mut i32) #0)' },
    ),
    async act(start) {
      const names = ['one!', 'two!', 'tre!'];
      const results = await Promise.all(names.map((name) => start({ stdin: streamOf(name) })));
      const outputs = results.map(({ output }) => new TextDecoder().decode(output));
      const logs = results.map(({ log }) => log.map(({ text }) => text).join());
      const fds = results.map(({ trace }) => trace.map(({ result }) => result).join());
      const first = results[0];
      if (first === undefined) throw new Error('no run');
      return { ...first, log: [], output: ascii([...outputs, ...logs, ...fds].join(' ')) };
    },
    wants: { output: 'one!11 two!11 tre!11 one!11 two!11 tre!11 1,4,,2,6 1,4,,2,6 1,4,,2,6' },
  },
  {
    about,
    sentence: 'a hundred guests can wait at the same time',
    guest: guest('(call $runtime_msleep #3) (call $show "done")'),
    async act(start) {
      const results = await Promise.all(Array.from({ length: 100 }, () => start()));
      const done = results.filter(({ output }) => output.length === 4).length;
      const [first] = results;
      if (first === undefined || done !== 100) throw new Error(`${done} of 100 ended`);
      return first;
    },
    wants: { output: 'done' },
  },
];

export const suspension: readonly ConformanceCase[] = [...input, ...output, ...places];
