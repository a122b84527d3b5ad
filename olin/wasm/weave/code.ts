/** Weaves the code section, function by function. */
import type { Module } from '../format/module.ts';

import { Reader } from '../format/read.ts';
import { Scan } from '../scan/scan.ts';
import { SECTION } from '../format/sections.ts';
import { Weave } from './weave.ts';
import { Woven } from './woven.ts';
import { Writer } from '../format/write.ts';

export interface WovenCode {
  readonly woven: Woven;
  /** The number of function bodies in `bodies`; each is preceded by its length. */
  readonly count: number;
  readonly bodies: Writer;
  /** Contents of the branch hint section: the branches that are rarely taken. */
  readonly hints: Writer;
}

/** Encodes rarely taken branches in the format of the branch hinting proposal. */
class Hints {
  readonly #own = new Writer();
  readonly #added = new Writer();
  #functions = 0;
  #count = 0;
  readonly #offsets = new Writer();

  readonly add = (offset: number): void => {
    this.#count++;
    this.#offsets.u32(offset);
    this.#offsets.u8(1);
    this.#offsets.u8(0);
  };

  /** `added`: the function is placed after all functions of the original module. */
  endFunction(index: number, added = false): void {
    if (this.#count === 0) return;
    const out = added ? this.#added : this.#own;
    this.#functions++;
    out.u32(index);
    out.u32(this.#count);
    out.append(this.#offsets);
    this.#count = 0;
    this.#offsets.length = 0;
  }

  take(): Writer {
    const all = new Writer(this.#own.length + this.#added.length + 5);
    all.u32(this.#functions);
    all.append(this.#own);
    all.append(this.#added);
    return all;
  }
}

/** Iterates over the function bodies of the code section. */
function* bodiesOf(module: Module): Generator<{ index: number; start: number; end: number }> {
  const section = module.sections.find(({ id }) => id === SECTION.code);
  const reader = new Reader(module.bytes, section?.start ?? 0, section?.end ?? 0);
  const count = section === undefined ? 0 : reader.count('functions');
  const declared = module.functions.length - module.importedFunctions;
  if (count !== declared) {
    throw reader.malformed(`${declared} functions are declared and ${count} have code`);
  }
  for (let index = 0; index < count; index++) {
    const length = reader.length('a function');
    const start = reader.at;
    reader.skip(length);
    yield { index: module.importedFunctions + index, start, end: reader.at };
  }
  if (!reader.done) throw reader.malformed('the code section is longer than what is in it');
}

/**
 * @param profiled also count gas per function, unless there are too many functions
 * @param isCode whether the module is the code part of another
 */
export function weaveCode(module: Module, profiled: boolean, isCode: boolean): WovenCode {
  const woven = new Woven(module, profiled);
  const hints = new Hints();
  const scan = new Scan(module);
  const weave = new Weave(module, woven, hints.add);
  const bodies = new Writer(Math.ceil(module.bytes.length * 1.7) + 1024);
  for (const { index, start, end } of bodiesOf(module)) {
    scan.scan(index, start, end);
    const threaded = scan.callsItself && !scan.callsTail ? woven.thread(index) : undefined;
    if (threaded === undefined) {
      weave.weave(scan, end);
      bodies.sized(weave.out);
      hints.endFunction(woven.movedFunction(index));
    } else {
      const { thread, added, caller } = threaded;
      scan.scan(index, start, end, true);
      weave.weave(scan, end, thread);
      added.body = new Writer(weave.out.length);
      added.body.append(weave.out);
      bodies.sized(caller);
      hints.endFunction(thread.index, true);
    }
  }
  if (!scan.isLasting) woven.addRenewal(isCode);
  for (const { body } of woven.functions) bodies.sized(body);
  const count = module.functions.length - module.importedFunctions + woven.functions.length;
  return { woven, count, bodies, hints: hints.take() };
}
