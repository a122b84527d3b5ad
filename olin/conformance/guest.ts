/**
 * Writes the small guests of the suite, in WebAssembly text. Every function of the ABI is imported by its name
 * (`$resource_open`), there is one page of memory, and `_start` has the locals `$fd`, `$a`, `$b`, `$n`.
 *
 * In a body, `"text"` stands for a pointer and a length, `#7` for `(i32.const 7)`.
 */
import { wireParams, wireResults, type AbiFunction } from '../abi/declare.ts';
import { FUNCTIONS } from '../abi/index.ts';
import { WASI_FUNCTIONS, WASI_MODULE } from '../abi/wasi/index.ts';

export interface GuestOptions {
  /** The module that the functions are imported from; default `cwa`. */
  readonly from?: 'cwa' | 'env';
  /** Whether the functions of WASI are imported too, by their names (`$fd_write`). */
  readonly wasi?: boolean;
  /** Default `(memory (export "memory") 1)`. */
  readonly memory?: string;
  /** More fields: functions, tables, globals, a start section. Here `"text"` is only text. */
  readonly fields?: string;
}

/** Texts are placed from here on, so that memory below contains only zeros. */
const TEXTS_AT = 0x8000;
const utf8 = new TextEncoder();

export function guest(body: string, options: GuestOptions = {}): string {
  const {
    from = 'cwa',
    wasi = false,
    memory = '(memory (export "memory") 1)',
    fields = '',
  } = options;
  const texts = new Texts();
  const start = expandNumbers(
    body.replaceAll(/"((?:[^"\\]|\\.)*)"/g, (_, text: string) => texts.place(text)),
  );
  return `(module
  ${importAll(from, FUNCTIONS)}
  ${wasi ? importAll(WASI_MODULE, WASI_FUNCTIONS) : ''}
  ${memory}
  ${texts.data}
  ${expandNumbers(fields)}
  (func $show (param i32 i32)
    (drop (call $resource_write (call $io_get_stdout) (local.get 0) (local.get 1))))
  (func $main (export "_start") (local $fd i32) (local $a i32) (local $b i32) (local $n i32)
  ${start}))
`;
}

function importAll(from: string, functions: ReadonlyMap<string, AbiFunction>): string {
  return [...functions]
    .map(([name, fn]) => {
      const params = wireParams(fn).map(({ type }) => ` ${type}`);
      const results = wireResults(fn).map((type) => ` (result ${type})`);
      return `(import "${from}" "${name}" (func $${name} (param${params.join('')})${results.join('')}))`;
    })
    .join('\n  ');
}

function expandNumbers(text: string): string {
  return text.replaceAll(/#(-?[0-9][0-9a-fx_]*)/g, '(i32.const $1)');
}

/** The texts of a body, one after another. */
class Texts {
  #at = TEXTS_AT;
  #literals = '';

  /** Stores the contents of a literal, with WebAssembly's escapes. Returns pointer and length as instructions. */
  place(literal: string): string {
    const length = utf8.encode(literal.replaceAll(/\\(?:[0-9a-fA-F]{2}|.)/g, '_')).length;
    const range = `#${this.#at} #${length}`;
    this.#literals += literal;
    this.#at += length;
    return range;
  }

  get data(): string {
    return this.#literals === '' ? '' : `(data (i32.const ${TEXTS_AT}) "${this.#literals}")`;
  }
}
