/** The compilers of the engine, each on modules that would exhaust it if the scan accepted them by mistake. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { suite, test, type TestContext } from 'node:test';
import { meter } from '../../../olin/index.ts';
import { atEnd } from '../../../test/setup/at-end.ts';
import { Confinement } from '../../process/confinement/confinement.ts';
import { CheckKilled, CheckProcess, type CheckBounds } from './check-process.ts';
import { keepHeaviest } from './heaviest.ts';
import type { CompilerTier } from './messages.ts';

const MEBIBYTE = 1024 * 1024;
const confinement = await Confinement.open();
const hello = meter(
  Uint8Array.from(await readFile(new URL('../../../examples/hello/module.wasm', import.meta.url))),
);

async function start(t: TestContext, memoryBytes: number): Promise<CheckProcess> {
  const process = await CheckProcess.start(confinement, memoryBytes, () => undefined);
  atEnd(t, () => process.kill());
  return process;
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

function repeat(bytes: readonly number[], times: number): number[] {
  return Array.from({ length: times }, () => bytes).flat();
}

function section(id: number, body: readonly number[]): number[] {
  return [id, ...leb(body.length), ...body];
}

/** Builds a module of functions without parameters and results from their bodies. */
function moduleOf(
  bodies: readonly (readonly number[])[],
  types: readonly number[][] = [],
): Uint8Array {
  const all = [[0x60, 0, 0], ...types];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [...leb(all.length), ...all.flat()]),
    ...section(3, [...leb(bodies.length), ...bodies.map(() => 0)]),
    ...section(10, [
      ...leb(bodies.length),
      ...bodies.flatMap((body) => [...leb(body.length), ...body]),
    ]),
  ]);
}

const locals = (count: number): number[] => [1, ...leb(count), 0x7f];
/** `if (local 0) local 1 = 1`, where each of many locals has two values after it. */
const manyIfs = moduleOf([
  [...locals(20_000), ...repeat([0x20, 0, 0x04, 0x40, 0x41, 1, 0x21, 1, 0x0b], 2000), 0x0b],
]);
/** A block of 1,000 results with 40,000 branches out of it, and 1,000 values below it on the stack. */
const manyResults = moduleOf(
  [
    [
      ...[0, 0x02, 1],
      ...repeat([0x41, 0], 2000),
      ...repeat([0x41, 0, 0x0d, 0], 40_000),
      ...repeat([0x1a], 1000),
      ...[0x0c, 0, 0x0b],
      ...repeat([0x1a], 1000),
      0x0b,
    ],
  ],
  [[0x60, 0, ...leb(1000), ...repeat([0x7f], 1000)]],
);
const manyLocals = moduleOf(Array.from({ length: 5000 }, () => [...locals(49_990), 0x0b]));

const TIERS: readonly CompilerTier[] = ['liftoff', 'turbofan'];
const bombs: [string, Uint8Array, CheckBounds, RegExp][] = [
  [
    '20,000 locals times 2,000 ifs',
    manyIfs,
    { cpuMs: 30_000, wallMs: 120_000, memoryBytes: 300 * MEBIBYTE },
    /large|ended/,
  ],
  [
    '1,000 results times 40,000 branches',
    manyResults,
    { cpuMs: 200, wallMs: 120_000, memoryBytes: 300 * MEBIBYTE },
    /large|ended|late/,
  ],
  [
    '5,000 functions of 49,990 locals',
    manyLocals,
    { cpuMs: 200, wallMs: 120_000, memoryBytes: 768 * MEBIBYTE },
    /late/,
  ],
];

suite('compiling untrusted modules', { skip: process.platform !== 'linux' }, () => {
  for (const [name, bytes, bounds, why] of bombs) {
    test(`${name}: only the compiling process is lost`, async (t) => {
      assert.ok(WebAssembly.validate(Uint8Array.from(bytes)), 'the engine accepts it lazily');
      for (const tier of TIERS) {
        const process = await start(t, bounds.memoryBytes);
        await assert.rejects(process.ask({ kind: 'compile', tier, bytes }, bounds), (error) => {
          assert.ok(error instanceof CheckKilled, String(error));
          assert.match(error.why, why, tier);
          return true;
        });
      }
    });
  }

  test('a process checks another module after a valid one, also with the other compiler', async (t) => {
    const process = await start(t, 768 * MEBIBYTE);
    const bounds = { cpuMs: 10_000, wallMs: 120_000, memoryBytes: 768 * MEBIBYTE };
    for (const tier of [...TIERS, ...TIERS]) {
      const answer = await process.ask({ kind: 'compile', tier, bytes: hello }, bounds);
      assert.deepEqual(answer, { kind: 'compiled' });
    }
    assert.ok(process.isAlive);
  });

  test('both compilers handle the same modules', async (t) => {
    const process = await start(t, 768 * MEBIBYTE);
    const ask = (tier: CompilerTier, cpuMs: number): Promise<unknown> =>
      process.ask(
        { kind: 'compile', tier, bytes: manyLocals },
        { cpuMs, wallMs: 120_000, memoryBytes: 768 * MEBIBYTE },
      );
    await ask('turbofan', 60_000);
    await assert.rejects(ask('liftoff', 200), /late/);
  });
});

suite('functions that are expensive to optimize', () => {
  test('a small module is compiled completely', () => {
    assert.deepEqual(keepHeaviest(hello), hello);
  });

  test('a large module keeps its expensive functions and stays valid', () => {
    const light = Array.from({ length: 2000 }, () => [...locals(3), ...repeat([0x01], 500), 0x0b]);
    const heavy = [...locals(30_000), ...repeat([0x01], 3000), 0x0b];
    const large = moduleOf([...light, heavy]);
    const left = keepHeaviest(large);
    assert.ok(WebAssembly.validate(left));
    assert.ok(left.length < large.length / 2, `${left.length} of ${large.length} bytes are left`);
    assert.ok(Buffer.from(left).includes(Buffer.from(heavy)));
  });

  test('a module without code does not change', () => {
    const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    assert.deepEqual(keepHeaviest(empty), empty);
  });
});
