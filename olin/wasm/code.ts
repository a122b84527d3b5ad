/** Weaves the code section, function by function. */
import type { Module } from './module.ts';

import { Reader } from './read.ts';
import { Scan } from './scan.ts';
import { SECTION } from './sections.ts';
import { Weave } from './weave.ts';
import { Woven } from './woven.ts';
import { Writer } from './write.ts';

export interface WovenCode {
  readonly woven: Woven;
  /** The new contents of the code section. */
  readonly section: Writer;
  /** Contents of the section that tells the engine which branches are seldom taken. */
  readonly hints: Writer;
}

/** Branches of one function that are seldom taken, as the branch hinting proposal writes them. */
class Hints {
  readonly out = new Writer();
  functions = 0;
  #count = 0;
  readonly #offsets = new Writer();

  readonly add = (offset: number): void => {
    this.#count++;
    this.#offsets.u32(offset);
    this.#offsets.u8(1);
    this.#offsets.u8(0);
  };

  endFunction(index: number): void {
    if (this.#count === 0) return;
    this.functions++;
    this.out.u32(index);
    this.out.u32(this.#count);
    this.out.append(this.#offsets);
    this.#count = 0;
    this.#offsets.length = 0;
  }

  take(): Writer {
    const all = new Writer(this.out.length + 5);
    all.u32(this.functions);
    all.append(this.out);
    return all;
  }
}

/** Bodies of the functions, as the code section lists them. */
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

export function weaveCode(module: Module): WovenCode {
  const woven = new Woven(module);
  const hints = new Hints();
  const scan = new Scan(module);
  const weave = new Weave(module, woven, hints.add);
  const bodies = new Writer(module.bytes.length + 1024);
  for (const { index, start, end } of bodiesOf(module)) {
    scan.scan(index, start, end);
    weave.weave(scan, end);
    bodies.sized(weave.out);
    hints.endFunction(index + woven.shift);
  }
  for (const { body } of woven.functions) bodies.sized(body);
  const section = new Writer(bodies.length + 5);
  section.u32(module.functions.length - module.importedFunctions + woven.functions.length);
  section.append(bodies);
  return { woven, section, hints: hints.take() };
}
