/**
 * Hostile modules in WebAssembly text: one kind per way in which guests have hurt a host, with random sizes, and
 * random mixtures of the kinds that are sequences of instructions.
 */
import { guest, type GuestOptions } from '../../olin/conformance/guest.ts';
import type { Random } from './random.ts';

export interface HostileModule {
  readonly kind: string;
  /** WebAssembly text. */
  readonly source: string;
  /** The policy of its handler, if the attack needs one. */
  readonly policy?: string;
}

/** Instructions that can stand in the body of one function, one attack after another. */
type Snippet = (random: Random) => string;

const HEAD = '(call $show "Content-Type: text/plain\\n\\n")';
const PAGE = 65_536;
const MEMORY_PAGES = 128;
const MEMORY = `(memory (export "memory") ${MEMORY_PAGES})`;

const repeat = (times: number, text: string): string =>
  Array.from({ length: times }, () => text).join(' ');

/** `times` rounds over the body, with the counter in `$n`. */
const loop = (times: number, body: string): string =>
  `(local.set $n #0) (loop $again ${body}
    (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) #1)) #${times})))`;

/** Fills `count` iovecs at 1,024, each of `bytes` bytes from 0. */
const vectors = (count: number, bytes: number): string => `
  (local.set $n #0) (loop $more
    (i32.store (i32.add #1024 (i32.shl (local.get $n) #3)) #0)
    (i32.store offset=4 (i32.add #1024 (i32.shl (local.get $n) #3)) #${bytes})
    (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) #1)) #${count})))`;

const SNIPPETS: Readonly<Record<string, Snippet>> = {
  'many large vectors in one write': (random) => {
    const count = random.pick([512, 1024, 1500, 4000]);
    return `${vectors(count, 7 * 1024 * 1024)}
      (drop (call $fd_write #${random.pick([1, 2])} #1024 #${count} #16))`;
  },
  'random bytes without end': (random) =>
    loop(
      random.int(10, 100),
      `(drop (call $random_get #0 #${random.int(1, MEMORY_PAGES) * PAGE - 1}))`,
    ),
  'lines of log without end': (random) => `
    (memory.fill #0 #10 #${random.int(1, 120) * PAGE})
    (local.set $fd (call $resource_open "log://x"))
    ${loop(random.int(1, 50), `(drop (call $resource_write (local.get $fd) #0 #${MEMORY_PAGES * PAGE - 8}))`)}`,
  'zeros without end': (random) => `
    (local.set $fd (call $resource_open "${random.pick(['zero', 'random'])}://"))
    ${loop(random.int(10, 200), `(drop (call $resource_read (local.get $fd) #0 #${MEMORY_PAGES * PAGE - 8}))`)}`,
  'URLs of megabytes': (random) => `
    (memory.fill #0 #97 #${4 * 1024 * 1024})
    ${loop(random.int(1, 60), `(drop (call $resource_open #0 #${random.pick([9000, 70_000, 4_000_000])}))`)}`,
  'log messages of megabytes': (random) =>
    loop(random.int(1, 60), `(call $log_write #1 #0 #${random.int(1, 100) * PAGE})`),
  'environment names of megabytes': (random) =>
    loop(random.int(1, 60), `(drop (call $env_get #0 #${random.int(1, 100) * PAGE} #0 #${PAGE}))`),
  'sleeps without end': (random) =>
    loop(random.int(10, 10_000), `(call $runtime_msleep #${random.int(0, 3)})`),
  'descriptors without end': (random) =>
    loop(random.int(10, 100_000), '(drop (call $resource_open "null://"))'),
  'growth by nothing': (random) => loop(random.int(100_000, 10_000_000), '(drop (memory.grow #0))'),
  'growth without end': (random) => loop(random.int(10, 10_000), '(drop (memory.grow #1))'),
  'an endless loop': () => '(loop $spin (br $spin))',
  'output without end': (random) => `${HEAD} (local.set $a (call $io_get_stdout))
    ${loop(random.int(100, 1_000_000), `(drop (call $resource_write (local.get $a) #0 #${random.int(1, 64) * 1024}))`)}`,
  'a large reply head': (random) => `
    (memory.fill #0 #97 #${random.int(1, 100) * PAGE})
    (local.set $a (call $io_get_stdout))
    (drop (call $resource_write (local.get $a) #0 #${random.int(1, 100) * PAGE}))`,
  'polls of many clocks': (random) =>
    `(drop (call $poll_oneoff #0 #${PAGE} #${random.pick([1, 1000, 60_000])} #16))`,
  'a trap': () => 'unreachable',
  'an exit': (random) => `(call $runtime_exit #${random.int(-1, 300)})`,
  'bad pointers': (random) =>
    `(drop (call $resource_write (call $io_get_stdout) #${random.pick(['-1', '0x7fffffff', '8388600'])} #${random.int(1, 0x7fffffff)}))`,
};

const OPTIONS: GuestOptions = { wasi: true, memory: MEMORY };

/** Modules that are dangerous because of their structure; most are refused at upload. */
const SHAPES: Readonly<Record<string, (random: Random) => string>> = {
  'a block of many results left by many branches': (random) => {
    const results = random.int(100, 1000);
    const types = repeat(results, 'i32');
    return guest('', {
      ...OPTIONS,
      fields: `(func $f (result ${types}) (block $b (result ${types})
        ${repeat(results, '(i32.const 0)')}
        ${repeat(random.int(1000, 20_000), '(br_if $b (i32.const 1))')}))`,
    });
  },
  'functions of many locals': (random) => {
    const locals = repeat(random.pick([1000, 10_000, 49_990]), 'i64');
    return guest('', {
      ...OPTIONS,
      fields: repeat(random.int(1, 40), `(func (local ${locals}) nop)`),
    });
  },
  'a function of many locals and branches': (random) => {
    const locals = random.int(1000, 20_000);
    const arms = Array.from(
      { length: random.int(100, 2000) },
      (_, at) => `(if (local.get 0) (then (local.set ${at % locals} (i32.const ${at}))))`,
    );
    return guest('(call $f)', {
      ...OPTIONS,
      fields: `(func $f (local ${repeat(locals, 'i32')}) ${arms.join(' ')})`,
    });
  },
  'calls of a function of many locals': (random) =>
    guest(loop(random.int(1000, 1_000_000), '(call $f)'), {
      ...OPTIONS,
      fields: `(func $f (local ${repeat(random.pick([1000, 10_000, 49_000]), 'i32')}) nop)`,
    }),
  'fills of the whole memory': (random) =>
    guest('(call $g)', {
      ...OPTIONS,
      fields: `(func $f ${repeat(random.int(1, 30), `(memory.fill #0 #1 #${MEMORY_PAGES * PAGE})`)})
        (func $g ${repeat(random.int(1, 100), '(call $f)')})`,
    }),
  'copies of the whole memory': (random) =>
    guest('(call $g)', {
      ...OPTIONS,
      fields: `(func $f ${repeat(random.int(1, 30), `(memory.copy #1 #0 #${MEMORY_PAGES * PAGE - 1})`)})
        (func $g ${repeat(random.int(1, 100), '(call $f)')})`,
    }),
  'a large table': (random) =>
    guest(
      loop(
        random.int(1, 1000),
        `(drop (table.grow $t (ref.null func) #${random.pick([0, 1, 1000, 100_000])}))`,
      ),
      {
        ...OPTIONS,
        fields: `(table $t ${random.pick([1, 10_000, 1_000_000, 10_000_000])} funcref)`,
      },
    ),
  'throws and catches': (random) =>
    guest(loop(random.int(1000, 1_000_000), '(try (do (throw $e)) (catch $e nop))'), {
      ...OPTIONS,
      fields: '(tag $e)',
    }),
  'endless recursion': (random) =>
    guest('(call $f)', {
      ...OPTIONS,
      fields: `(func $f (local ${repeat(random.int(1, 1000), 'i64')}) (call $f))`,
    }),
  'a long function name in a trap': (random) => {
    const name = 'x'.repeat(random.int(1000, 1_000_000));
    return guest('(call $f)', { ...OPTIONS, fields: `(func $f (export "${name}") unreachable)` });
  },
};

export const KINDS: readonly string[] = [
  ...Object.keys(SNIPPETS),
  ...Object.keys(SHAPES),
  'a large policy',
];

/** One module of the kind. Throws if there is no such kind. */
export function makeModule(kind: string, random: Random): HostileModule {
  const shape = SHAPES[kind];
  if (shape !== undefined) return { kind, source: shape(random) };
  if (kind === 'a large policy') {
    const body = loop(
      random.int(10, 100),
      '(drop (call $resource_open "null://aaaaaaaaaaaaaaaaaaaaaaaa"))',
    );
    const policy = `allow (\n  null://.*\n  https://(a{1,${random.int(10, 1000)}}b{1,${random.int(10, 1000)}}){1,${random.int(2, 50)}}\n)\n`;
    return { kind, source: guest(body, OPTIONS), policy };
  }
  const snippet = SNIPPETS[kind];
  if (snippet === undefined) throw new RangeError(`no kind of hostile module is called ${kind}`);
  return { kind, source: guest(snippet(random), OPTIONS) };
}

/** Two to five attacks in one body. Loops share labels and a counter, which works because they run in sequence. */
export function makeMixture(random: Random): HostileModule {
  const names = Array.from({ length: random.int(2, 5) }, () => random.pick(Object.keys(SNIPPETS)));
  const body = names.map((name) => SNIPPETS[name]?.(random) ?? '').join('\n');
  return { kind: names.join(' + '), source: guest(body, OPTIONS) };
}
