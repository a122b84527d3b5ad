import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { InputError } from '../../errors.ts';
import { meter } from '../meter.ts';
import { Writer } from '../format/write.ts';

const I32 = 0x7f;
const END = 0x0b;

type Type = readonly [params: readonly number[], results: readonly number[]];

const repeat = (count: number, ...codes: readonly number[]): number[] =>
  Array.from({ length: count * codes.length }, (_, index) => codes[index % codes.length] ?? 0);

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

/** A module whose functions are all of the first type. */
function moduleOf(types: readonly Type[], bodies: readonly (readonly number[])[]): Uint8Array {
  const out = new Writer();
  const put = (writer: Writer, codes: readonly number[]): void => {
    for (const code of codes) writer.u8(code);
  };
  const section = (id: number, write: (contents: Writer) => void): void => {
    const contents = new Writer();
    write(contents);
    out.u8(id);
    out.sized(contents);
  };
  put(out, [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  section(1, (contents) => {
    contents.u32(types.length);
    for (const [params, results] of types) {
      put(contents, [0x60, ...leb(params.length), ...params, ...leb(results.length), ...results]);
    }
  });
  section(3, (contents) => {
    contents.u32(bodies.length);
    put(contents, repeat(bodies.length, 0));
  });
  section(10, (contents) => {
    contents.u32(bodies.length);
    for (const body of bodies) {
      contents.u32(body.length);
      put(contents, body);
    }
  });
  return out.take();
}

/** A body with `locals` i32 locals. */
const withLocals = (locals: number, ...code: readonly number[]): number[] => [
  1,
  ...leb(locals),
  I32,
  ...code,
  END,
];

function refusal(bytes: Uint8Array): string {
  try {
    meter(bytes);
  } catch (error) {
    if (error instanceof InputError) {
      assert.equal(error.code, 'unsupported-feature');
      return error.message;
    }
    throw error;
  }
  throw new Error('it was accepted');
}

const NOTHING: Type = [[], []];

test('a block of a thousand results with forty thousand branches out of it is rejected', () => {
  const results: Type = [[], repeat(1000, I32)];
  const code = [
    ...[0x02, 1],
    ...repeat(1000, 0x41, 0),
    ...repeat(40_000, 0x41, 0, 0x0d, 0),
    END,
    ...repeat(1000, 0x1a),
  ];
  assert.match(
    refusal(moduleOf([NOTHING, results], [[0, ...code, END]])),
    /^Function 0 is too costly to compile: its cost is \d{8,}, and at most \d+ is allowed\. .* Split the function/,
  );
});

test('branches among twenty thousand locals are rejected, in live and in dead code', () => {
  const branches = repeat(2000, 0x20, 0, 0x04, 0x40, END);
  for (const code of [branches, [0x00, ...branches]]) {
    assert.match(
      refusal(moduleOf([NOTHING], [[0, END], withLocals(20_000, ...code)])),
      /^Function 1 is too costly to compile/,
    );
  }
});

test('so are loops, branch tables and calls in a try among many locals', () => {
  const bombs: Readonly<Record<string, readonly number[]>> = {
    loops: repeat(1000, 0x03, 0x40, END),
    'a branch table': [0x02, 0x40, 0x41, 0, 0x0e, ...leb(1000), ...repeat(1001, 0), END],
    branches: [0x02, 0x40, ...repeat(1000, 0x41, 0, 0x0d, 0), END],
    'branches on null': [0x02, 0x40, ...repeat(1000, 0xd0, 0x70, 0xd5, 0, 0x1a), END],
    returns: repeat(1000, 0x41, 0, 0x04, 0x40, 0x0f, END),
    handlers: repeat(1000, 0x1f, 0x40, 1, 2, 0, END),
    'calls in a try': [0x06, 0x40, ...repeat(1000, 0x10, 0), 0x19, END],
  };
  for (const [name, code] of Object.entries(bombs)) {
    const body = withLocals(10_000, ...code);
    assert.match(refusal(moduleOf([NOTHING], [body])), /too costly/, name);
    // Without the locals it is accepted.
    meter(moduleOf([NOTHING], [[0, ...code, END]]));
  }
});

test('operands on the stack count as locals do', () => {
  const deep = [
    ...repeat(10_000, 0x41, 0),
    ...repeat(1000, 0x41, 0, 0x04, 0x40, END),
    ...repeat(10_000, 0x1a),
  ];
  assert.match(refusal(moduleOf([NOTHING], [[0, ...deep, END]])), /too costly/);
  const shallow = [
    ...repeat(10_000, 0x41, 0),
    ...repeat(10_000, 0x1a),
    ...repeat(1000, 0x41, 0, 0x04, 0x40, END),
  ];
  meter(moduleOf([NOTHING], [[0, ...shallow, END]]));
});

test('thousands of functions with many locals each are rejected by their total cost', () => {
  const bodies = Array.from({ length: 5000 }, () => withLocals(49_990));
  assert.match(
    refusal(moduleOf([NOTHING], bodies)),
    /^The module is too costly to compile: up to function \d+ its cost is \d+, and at most \d+ is allowed\./,
  );
  meter(moduleOf([NOTHING], bodies.slice(0, 100)));
});

test('the error for a function with the maximum number of locals says that metering needs some', () => {
  for (const locals of [50_000, 49_993]) {
    assert.match(
      refusal(moduleOf([NOTHING], [withLocals(locals)])),
      /^Function 0 has \d+ parameters and locals\. At most 49992 are allowed, since counting gas/,
    );
  }
  const most = meter(moduleOf([NOTHING], [withLocals(49_992)]));
  assert.ok(WebAssembly.validate(most));
});

test('compiler output is far below the limits', () => {
  const folder = new URL('../../../node_modules/', import.meta.url);
  const real = ['shiki/dist/onig.wasm', '@electric-sql/pglite/dist/initdb.wasm'].map(
    (path) => new URL(path, folder),
  );
  const kernels = new URL('../../../bench/kernels/', import.meta.url);
  for (const name of readdirSync(kernels)) {
    if (name.endsWith('.wasm')) real.push(new URL(name, kernels));
  }
  for (const path of real) meter(new Uint8Array(readFileSync(path)));
});
