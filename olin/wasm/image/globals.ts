/** The globals whose initial values an image has: the mutable ones that begin with a constant number. */
import { skipConstantExpression } from '../format/expression.ts';
import type { Module } from '../format/module.ts';
import { Reader } from '../format/read.ts';
import { SECTION } from '../format/sections.ts';
import { readGlobalType } from '../format/types.ts';
import { readConstant } from './constants.ts';
import type { ImageGlobal } from './image.ts';

export interface GlobalInitializer {
  /** Offsets of its type, its initial value and what follows. */
  readonly start: number;
  readonly expression: number;
  readonly end: number;
  /** Undefined if the image does not have it. */
  readonly inImage: ImageGlobal | undefined;
}

/** All globals that the module defines. */
export function readOwnGlobals(module: Module): GlobalInitializer[] {
  const section = module.sections.find(({ id }) => id === SECTION.global);
  if (section === undefined) return [];
  const reader = new Reader(module.bytes, section.start, section.end, module.types.length);
  return Array.from({ length: reader.count('globals') }, () => {
    const start = reader.at;
    const { value, mutable } = readGlobalType(reader);
    const expression = reader.at;
    const constant = mutable ? readConstant(reader) : undefined;
    const inImage = constant?.type === value ? constant : undefined;
    reader.at = expression;
    skipConstantExpression(reader);
    return { start, expression, end: reader.at, inImage };
  });
}
