/** Reads the local declarations of a function. */
import type { Module } from '../format/module.ts';
import type { Reader } from '../format/read.ts';

import { InputError } from '../../errors.ts';
import { signatureOf } from '../format/module.ts';
import { readValueType } from '../format/types.ts';

/** The engines' limit on parameters and locals, and how many of them woven code may need. */
const MAX_LOCALS = 50_000;
const WOVEN_LOCALS = 8;

/** The locals of the most recently read function. */
export class Locals {
  params = 0;
  /** Number of parameters and locals. */
  count = 0;
  /** Number of groups of locals, and the offset of the first. */
  groups = 0;
  groupsStart = 0;
  /** Offset of the first instruction, after the declarations. */
  codeStart = 0;

  /** Throws InputError if there are too many. */
  read(module: Module, reader: Reader, index: number): void {
    const signature = signatureOf(module, module.functions[index]);
    if (signature === undefined) throw reader.malformed(`function ${index} has no type`);
    this.params = signature.params.length;
    this.count = this.params;
    this.groups = reader.count('groups of locals');
    this.groupsStart = reader.at;
    for (let group = this.groups; group > 0; group--) {
      this.count += reader.u32();
      readValueType(reader);
    }
    // The engines' own limit.
    if (this.count > MAX_LOCALS) throw reader.malformed('a function has more than 50000 locals');
    if (this.count > MAX_LOCALS - WOVEN_LOCALS) {
      throw new InputError(
        'unsupported-feature',
        `Function ${index} has ${this.count} parameters and locals. At most ${MAX_LOCALS - WOVEN_LOCALS} are allowed, since counting gas adds its own. Split the function, or build it with optimisation.`,
      );
    }
    this.codeStart = reader.at;
  }
}
