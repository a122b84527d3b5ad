/** The specification's README: where functions are imported from, under which names, and where a program begins. */
import type { ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';

const everything = `(call $log_write #6 "log") (drop (call $env_get "K" #64 #8)) (drop (call $random_i32))
  (drop (call $time_now)) (drop (call $startup_arg_len)) (drop (call $runtime_spec_minor))
  (call $resource_close (call $resource_open "null://")) (call $runtime_msleep #1) (call $show "out")`;
const wants = { output: 'out', log: [[6, 'log']] } as const;

/** The parameters and results of each function in the specification, lowered as in types.md. */
const SIGNATURES = `
  env_get i32 i32 i32 i32 : i32
  io_get_stdin : i32
  io_get_stdout : i32
  io_get_stderr : i32
  log_write i32 i32 i32 :
  random_i32 : i32
  random_u32 : i32
  random_i64 : i64
  random_u64 : i64
  resource_open i32 i32 : i32
  resource_read i32 i32 i32 : i32
  resource_write i32 i32 i32 : i32
  resource_flush i32 : i32
  resource_close i32 :
  runtime_exit i32 :
  runtime_msleep i32 :
  runtime_name i32 i32 : i32
  runtime_spec_major : i32
  runtime_spec_minor : i32
  startup_arg_len : i32
  startup_arg_at i32 i32 i32 : i32
  time_now : i64`
  .trim()
  .split('\n')
  .map((line) => {
    const [left = '', results = ''] = line.split(':').map((part) => part.trim());
    const [name = '', ...params] = left.split(' ');
    return { name, params: params.join(' '), results };
  });

const importsOf = (module: string): string =>
  SIGNATURES.map(
    ({ name, params, results }) =>
      `(import "${module}" "${name}" (func (param ${params}) (result ${results})))`,
  ).join('\n');

/** A guest that consists only of fields, for invalid modules. */
const plain = (fields: string): string => `(module ${fields})`;
const start = '(func (export "_start"))';

export const module: readonly ConformanceCase[] = [
  ...(['cwa', 'env'] as const).map((from): ConformanceCase => ({
    about: 'README',
    sentence: `functions are "accessible via the external module named \`${from}\`"`,
    guest: guest(everything, { from }),
    wants,
  })),
  {
    about: 'README',
    sentence: 'one module may import from both',
    guest: plain(`(import "cwa" "log_write" (func $a (param i32 i32 i32)))
      (import "env" "log_write" (func $b (param i32 i32 i32)))
      (memory (export "memory") 1) (data (i32.const 0) "ab")
      (func (export "_start") (call $a (i32.const 6) (i32.const 0) (i32.const 1))
        (call $b (i32.const 6) (i32.const 1) (i32.const 1)))`),
    wants: {
      log: [
        [6, 'a'],
        [6, 'b'],
      ],
      bill: { calls: { log_write: 2 } },
    },
  },
  {
    about: 'README',
    sentence:
      'every function is "visible … with the name `{namespace}_{function}`", typed as its page says',
    guest: plain(`${importsOf('cwa')} ${importsOf('env')} ${start}`),
    wants: {},
  },
  {
    about: 'README',
    sentence: 'a function of an unknown namespace is refused, with the nearest name',
    guest: plain(`(import "cwa" "resource_opem" (func (param i32 i32) (result i32))) ${start}`),
    wants: {
      refused: {
        code: 'unknown-import',
        message: /cwa\.resource_opem.*Did you mean resource_open\?/,
      },
    },
  },
  {
    about: 'README',
    sentence: 'a function of another module is refused',
    guest: plain(`(import "olin" "time_now" (func (result i64))) ${start}`),
    wants: {
      refused: { code: 'unknown-import', message: /olin\.time_now.*Import it from cwa or env\./ },
    },
  },
  {
    about: 'README',
    sentence: 'a function imported with another type is refused',
    guest: plain(`(import "cwa" "time_now" (func (result i32))) ${start}`),
    wants: {
      refused: {
        code: 'bad-import-type',
        message: /as \(\) -> \(i32\), but the function is \(\) -> \(i64\)/,
      },
    },
  },
  {
    about: 'README',
    sentence: '"The entrypoint of CWA programs is `_start`": without it a module is refused',
    guest: plain('(func (export "main"))'),
    wants: {
      refused: {
        code: 'no-start',
        message: /no function _start.*If it begins at main, say so: --entry main/,
      },
    },
  },
  {
    about: 'README',
    sentence: '"It should not take any arguments"',
    guest: plain('(func (export "_start") (param i32))'),
    wants: {
      refused: { code: 'no-start', message: /\(i32\) -> \(\); it must have no parameters/ },
    },
  },
  {
    about: 'README',
    sentence: '"or return anything"',
    guest: plain('(func (export "_start") (result i64) (i64.const 0))'),
    wants: {
      refused: { code: 'no-start', message: /\(\) -> \(i64\); it must have no parameters/ },
    },
  },
  {
    about: 'README',
    sentence: 'an i32 that it returns is the exit status, as with cwa_main of the original',
    guest: plain('(func (export "_start") (result i32) (i32.const 3))'),
    wants: { exit: 3 },
  },
  {
    about: 'README',
    sentence: 'only `_start` is called',
    guest: guest('(call $show "start")', {
      fields: `(func (export "main") unreachable) (func (export "_initialize") unreachable)
        (func (export "__wasm_call_ctors") unreachable)`,
    }),
    wants: { output: 'start' },
  },
  {
    about: 'README',
    sentence: 'a start section runs before the entrypoint',
    guest: guest('(call $runtime_exit (global.get $g))', {
      fields: '(global $g (mut i32) #0) (func $begin (global.set $g #8)) (start $begin)',
    }),
    wants: { exit: 8 },
  },
  {
    about: 'README',
    sentence: 'a start section may call, wait, and use the memory',
    guest: guest('(call $show "c")', {
      fields: `(data #64 "ab") (func $begin (call $show #64 #1) (call $runtime_msleep #1) (call $show #65 #1))
        (start $begin)`,
    }),
    wants: { output: 'abc' },
  },
  {
    about: 'README',
    sentence: 'a start section may end the guest',
    guest: guest('(call $show "never")', {
      fields: '(func $begin (call $runtime_exit #2)) (start $begin)',
    }),
    wants: { exit: 2 },
  },
];
