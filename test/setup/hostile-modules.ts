/**
 * Modules that no server should accept: truncated, with flipped bits, random, made by hand, and those of the
 * WebAssembly core suite.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { convertSuite, findTool } from '../core-suite/convert.ts';

const ROOT = join(import.meta.dirname, '../..');
const SUITE = join(ROOT, '../shared/wasm-testsuite');
const good = Uint8Array.from(readFileSync(join(ROOT, 'examples/hello/module.wasm')));

export interface Hostile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

function makeByHand(): Hostile[] {
  return [
    { name: 'nothing', bytes: new Uint8Array() },
    { name: 'zeros', bytes: new Uint8Array(1_000_000) },
    { name: 'magic alone', bytes: good.slice(0, 4) },
    { name: 'magic and version alone', bytes: good.slice(0, 8) },
    { name: 'a later version', bytes: patch(good, 4, [2]) },
    { name: 'a component', bytes: patch(good, 4, [0x0d, 0, 1, 0]) },
    { name: '4 GiB of memory', bytes: withMemory(65_536) },
    { name: 'memory that ends before it begins', bytes: moduleOf(section(5, [1, 1, 5, 1])) },
    { name: 'two to the 32 types', bytes: moduleOf(section(1, [0xff, 0xff, 0xff, 0xff, 0x0f])) },
    {
      name: 'two to the 32 functions',
      bytes: moduleOf(section(3, [0xff, 0xff, 0xff, 0xff, 0x0f])),
    },
    { name: 'a section longer than the file', bytes: moduleOf([1, 0xff, 0xff, 0xff, 0xff, 0x0f]) },
    {
      name: 'a number without end',
      bytes: moduleOf([1, ...Array.from({ length: 5000 }, () => 0x80)]),
    },
    {
      name: 'two to the 32 locals',
      bytes: withBody([1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 0x0b]),
    },
    {
      name: 'fifty thousand groups of locals',
      bytes: withBody([...leb(50_000), ...repeat([0xff, 0xff, 3, 0x7f], 50_000), 0x0b]),
    },
    {
      name: 'a hundred thousand blocks, none ended',
      bytes: withBody([0, ...repeat([0x02, 0x40], 100_000)]),
    },
    {
      name: 'a branch table of two to the 32',
      bytes: withBody([0, 0x41, 0, 0x0e, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x0b]),
    },
    {
      name: 'a table of two to the 32',
      bytes: moduleOf(section(4, [1, 0x70, 0, 0xff, 0xff, 0xff, 0xff, 0x0f])),
    },
    { name: 'a hundred thousand empty sections', bytes: moduleOf(repeat([0, 1, 0], 100_000)) },
    {
      name: 'a hundred thousand imports',
      bytes: moduleOf([
        ...section(1, [1, 0x60, 0, 0]),
        ...section(2, [...leb(100_000), ...repeat([1, 0x61, 1, 0x62, 0, 0], 100_000)]),
      ]),
    },
    {
      name: 'the same export twice',
      bytes: moduleOf([...section(5, [1, 0, 1]), ...section(7, [2, 1, 0x61, 2, 0, 1, 0x61, 2, 0])]),
    },
    {
      name: 'a name that is not UTF-8',
      bytes: moduleOf([...section(5, [1, 0, 1]), ...section(7, [1, 2, 0xff, 0xfe, 2, 0])]),
    },
  ];
}

/** Number of {@link hostileModules} that are made by hand. */
export const MADE_BY_HAND = makeByHand().length;

/** Returns modules that cannot run here. Those made by hand come first. */
export function hostileModules(t: TestContext): Hostile[] {
  const handmade = makeByHand();
  const cut = Array.from({ length: good.length }, (_, length) => ({
    name: `cut at ${length}`,
    bytes: good.slice(0, length),
  }));
  const random = Array.from({ length: 200 }, (_, i) => ({
    name: `random ${i}`,
    bytes: moduleOf(pseudoRandom(i, 40 + i)),
  }));
  const flipped = Array.from({ length: 600 }, (_, i) => {
    const at = (i * 7919) % good.length;
    return {
      name: `bit ${i % 8} of byte ${at} flipped`,
      bytes: patch(good, at, [(good[at] ?? 0) ^ (1 << (i % 8))]),
    };
  });
  return [
    ...handmade,
    // A truncated or changed module may still be valid, and is then left out.
    ...[...cut, ...random, ...flipped].filter(({ bytes }) => !WebAssembly.validate(bytes)),
    ...suiteModules(t),
  ];
}

/** The modules of the WebAssembly core suite that are malformed or invalid. */
function suiteModules(t: TestContext): Hostile[] {
  const tool = findTool(ROOT);
  if (!existsSync(SUITE) || tool === undefined) {
    t.diagnostic(
      'the WebAssembly core suite or a tool to read it is missing, so its modules are left out',
    );
    return [];
  }
  const found: Hostile[] = [];
  for (const { name, json } of convertSuite(tool, SUITE)) {
    if (json === undefined) continue;
    const {
      commands,
    }: { commands: { type: string; line: number; filename?: string; module_type?: string }[] } =
      JSON.parse(readFileSync(json, 'utf8'));
    for (const { type, line, filename, module_type: form } of commands) {
      const isHostile = type === 'assert_invalid' || type === 'assert_malformed';
      if (!isHostile || form !== 'binary' || filename === undefined) continue;
      const bytes = Uint8Array.from(readFileSync(join(dirname(json), filename)));
      // Some are valid today, by later proposals.
      if (!WebAssembly.validate(bytes)) found.push({ name: `${name}:${line}`, bytes });
    }
  }
  // A sample from every file, since many are similar.
  const step = Math.max(1, Math.floor(found.length / 600));
  return found.filter((_, i) => i % step === 0);
}

function moduleOf(body: readonly number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...body]);
}

export function withMemory(pages: number): Uint8Array<ArrayBuffer> {
  return moduleOf([
    ...section(1, [1, 0x60, 0, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, ...leb(pages)]),
    ...section(7, [1, 6, ...Buffer.from('_start'), 0, 0]),
    ...section(10, [1, 2, 0, 0x0b]),
  ]);
}

/** Makes a module that exports one function by several names. */
export function withExports(names: readonly string[]): Uint8Array<ArrayBuffer> {
  const exported = ['_start', ...names].map((name) => {
    const bytes = Buffer.from(name);
    return Buffer.concat([Buffer.from(leb(bytes.length)), bytes, Buffer.of(0, 0)]);
  });
  const body = Buffer.concat([Buffer.from(leb(exported.length)), ...exported]);
  return Uint8Array.from(
    Buffer.concat([
      moduleOf([...section(1, [1, 0x60, 0, 0]), ...section(3, [1, 0])]),
      Buffer.from([7, ...leb(body.length)]),
      body,
      Buffer.from(section(10, [1, 2, 0, 0x0b])),
    ]),
  );
}

/** Makes a module that imports the same function many times. */
export function withImports(count: number): Uint8Array<ArrayBuffer> {
  const one = [3, ...Buffer.from('cwa'), 13, ...Buffer.from('io_get_stdout'), 0, 1];
  const imports = [...leb(count), ...repeat(one, count)];
  return moduleOf(
    [...section(1, [2, 0x60, 0, 0, 0x60, 0, 1, 0x7f]), ...[2, ...leb(imports.length)]]
      .concat(imports)
      .concat(section(3, [1, 0]))
      .concat(section(7, [1, 6, ...Buffer.from('_start'), 0, ...leb(count)]))
      .concat(section(10, [1, 2, 0, 0x0b])),
  );
}

function withBody(body: readonly number[]): Uint8Array<ArrayBuffer> {
  return moduleOf([
    ...section(1, [1, 0x60, 0, 0]),
    ...section(3, [1, 0]),
    ...section(7, [1, 6, ...Buffer.from('_start'), 0, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

function section(id: number, body: readonly number[]): number[] {
  return [id, ...leb(body.length), ...body];
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

function repeat(bytes: readonly number[], times: number): number[] {
  return Array.from({ length: times }, () => bytes).flat();
}

function patch(bytes: Uint8Array, at: number, values: readonly number[]): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  copy.set(values, at);
  return copy;
}

/** Returns the same bytes for the same seed, so that failures are reproducible. */
function pseudoRandom(seed: number, length: number): number[] {
  let state = seed * 2654435761 + 1;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}
