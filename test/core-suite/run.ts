/** Runs one file of the suite, its modules prepared as the caller wants, and gives back what did not hold. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { SuiteValue } from './values.ts';

import { inspect } from '../../olin/wasm/index.ts';
import type { ModuleReport } from '../../olin/wasm/index.ts';
import { adapt } from './adapter.ts';
import { isNumeric, matchesBytes, matchesJs, toJs, writeValue } from './values.ts';

interface Action {
  readonly type: 'invoke' | 'get';
  readonly module?: string;
  readonly field: string;
  readonly args?: readonly SuiteValue[];
}

interface Command {
  readonly type: string;
  readonly line: number;
  readonly name?: string;
  readonly as?: string;
  readonly filename?: string;
  readonly binary_filename?: string;
  readonly module_type?: string;
  readonly module?: string;
  readonly instance?: string;
  readonly action?: Action;
  readonly expected?: readonly SuiteValue[];
}

/** How modules are prepared and made to run; its start function has run when `instantiate` returns. */
export interface Place {
  prepare(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
  instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Exports;
}

interface Definition {
  readonly module: WebAssembly.Module;
  readonly report: ModuleReport | undefined;
}

interface Instance {
  readonly exports: WebAssembly.Exports;
  readonly report: ModuleReport | undefined;
}

export interface Outcome {
  readonly checked: number;
  /** `line: what did not hold`. */
  readonly failures: readonly string[];
}

const print = () => {};

function spectest(): WebAssembly.ModuleImports {
  return {
    print,
    print_i32: print,
    print_i64: print,
    print_f32: print,
    print_f64: print,
    print_i32_f32: print,
    print_f64_f64: print,
    global_i32: new WebAssembly.Global({ value: 'i32' }, 666),
    global_i64: new WebAssembly.Global({ value: 'i64' }, 666n),
    global_f32: new WebAssembly.Global({ value: 'f32' }, 666.6),
    global_f64: new WebAssembly.Global({ value: 'f64' }, 666.6),
    table: new WebAssembly.Table({ element: 'anyfunc', initial: 10, maximum: 20 }),
    table64: table64(),
    memory: new WebAssembly.Memory({ initial: 1, maximum: 2 }),
  };
}

/** A 64-bit table, from a module, since the declared JavaScript types know none. */
function table64(): WebAssembly.ExportValue {
  const module = new WebAssembly.Module(
    Uint8Array.of(
      0,
      0x61,
      0x73,
      0x6d,
      1,
      0,
      0,
      0,
      4,
      5,
      1,
      0x70,
      5,
      10,
      20,
      7,
      5,
      1,
      1,
      0x74,
      1,
      0,
    ),
  );
  const { t } = new WebAssembly.Instance(module).exports;
  if (t === undefined) throw new TypeError('no table');
  return t;
}

class Failure extends Error {}

class Runner {
  readonly #place: Place;
  readonly #folder: string;
  readonly #registry: Record<string, WebAssembly.ModuleImports> = { spectest: spectest() };
  readonly #instances = new Map<string | undefined, Instance>();
  readonly #definitions = new Map<string | undefined, Definition>();

  constructor(place: Place, folder: string) {
    this.#place = place;
    this.#folder = folder;
  }

  #define(command: Command): Definition {
    const file = command.binary_filename ?? command.filename ?? '';
    const bytes = new Uint8Array(readFileSync(join(this.#folder, file)));
    const module = new WebAssembly.Module(this.#place.prepare(bytes));
    let report: ModuleReport | undefined;
    try {
      report = inspect(bytes);
    } catch {
      // What inspect refuses and the engine takes is called through JavaScript alone.
    }
    return { module, report };
  }

  #instantiate({ module, report }: Definition): Instance {
    return { exports: this.#place.instantiate(module, this.#registry), report };
  }

  #instance(name: string | undefined): Instance {
    const instance = this.#instances.get(name);
    if (instance === undefined) throw new Failure(`no instance ${name ?? ''}`);
    return instance;
  }

  /** Does an action; gives the test of its results. */
  #act(action: Action): (expected: readonly SuiteValue[]) => boolean {
    const { exports, report } = this.#instance(action.module);
    const value = exports[action.field];
    if (action.type === 'get') {
      if (!(value instanceof WebAssembly.Global)) throw new Failure('no such global');
      const got: unknown = value.value;
      return ([expected]) => expected !== undefined && matchesJs(got, expected);
    }
    if (typeof value !== 'function') throw new Failure('no such function');
    const args = action.args ?? [];
    const { params, results } = report?.exports.find(({ name }) => name === action.field) ?? {};
    const numeric = params && results && [...params, ...results].every(isNumeric);
    const adapter = numeric === true ? adapt(value, params, results) : undefined;
    if (adapter !== undefined) {
      args.forEach((arg, index) => {
        writeValue(adapter.view, adapter.argumentAt(index), arg);
      });
      adapter.run();
      return (expected) =>
        expected.length === results?.length &&
        expected.every((want, index) => matchesBytes(adapter.view, adapter.resultAt(index), want));
    }
    const result: unknown = value(...args.map(toJs));
    return (expected) => {
      const got: unknown[] = Array.isArray(result) ? result : result === undefined ? [] : [result];
      // One result that is undefined is a reference to the host's undefined.
      if (expected.length === 1 && got.length === 0) got.push(undefined);
      return (
        got.length === expected.length &&
        expected.every((want, index) => matchesJs(got[index], want))
      );
    };
  }

  #throws(what: string, body: () => unknown, fits: (error: unknown) => boolean): void {
    try {
      body();
    } catch (error) {
      if (error instanceof Failure || !fits(error)) {
        throw new Failure(`${what}, but it ended with ${String(error)}`);
      }
      return;
    }
    throw new Failure(what);
  }

  run(command: Command): void {
    const { action } = command;
    switch (command.type) {
      case 'module': {
        const definition = this.#define(command);
        this.#definitions.set(command.name, definition);
        const instance = this.#instantiate(definition);
        this.#instances.set(undefined, instance);
        if (command.name !== undefined) this.#instances.set(command.name, instance);
        return;
      }
      case 'module_definition':
        this.#definitions.set(undefined, this.#define(command));
        this.#definitions.set(command.name, this.#define(command));
        return;
      case 'module_instance': {
        const definition = this.#definitions.get(command.module);
        if (definition === undefined) throw new Failure('no such definition');
        const instance = this.#instantiate(definition);
        this.#instances.set(undefined, instance);
        this.#instances.set(command.instance, instance);
        return;
      }
      case 'register':
        this.#registry[command.as ?? ''] = { ...this.#instance(command.name).exports };
        return;
      case 'action':
        if (action !== undefined) this.#act(action);
        return;
      case 'assert_return':
        if (action !== undefined && !this.#act(action)(command.expected ?? [])) {
          throw new Failure(`${action.field} gave another result`);
        }
        return;
      case 'assert_trap':
        this.#throws(
          'it should trap',
          () => action && this.#act(action),
          (error) => error instanceof WebAssembly.RuntimeError,
        );
        return;
      case 'assert_exhaustion':
        this.#throws(
          'it should exhaust the stack',
          () => action && this.#act(action),
          (error) => error instanceof RangeError,
        );
        return;
      case 'assert_exception':
        this.#throws(
          'it should throw',
          () => action && this.#act(action),
          (error) => error instanceof WebAssembly.Exception,
        );
        return;
      case 'assert_invalid':
      case 'assert_malformed':
        if (command.module_type === 'text' && command.binary_filename === undefined) return;
        this.#throws(
          'it should not compile',
          () => this.#define(command),
          () => true,
        );
        return;
      case 'assert_unlinkable':
      case 'assert_uninstantiable': {
        const definition = this.#define(command);
        this.#throws(
          'it should not instantiate',
          () => this.#instantiate(definition),
          () => true,
        );
        return;
      }
      default:
        throw new Failure(`an unknown command ${command.type}`);
    }
  }
}

export function runSuiteFile(json: string, place: Place): Outcome {
  const { commands }: { commands: Command[] } = JSON.parse(readFileSync(json, 'utf8'));
  const runner = new Runner(place, dirname(json));
  const failures: string[] = [];
  for (const command of commands) {
    try {
      runner.run(command);
    } catch (error) {
      failures.push(`${command.line}: ${String(error)}`);
    }
  }
  return { checked: commands.length, failures };
}
