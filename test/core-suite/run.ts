/** Runs one file of WebAssembly's core test suite with modules prepared by the caller, and collects the failed assertions. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { SuiteValue } from './values.ts';

import { inspect } from '../../olin/wasm/index.ts';
import type { ModuleReport } from '../../olin/wasm/index.ts';
import { adapt } from './adapter.ts';
import { spectest } from './spectest.ts';
import { isNumeric, matchesBytes, matchesJs, toJs, writeValue } from './values.ts';

interface SuiteAction {
  readonly type: 'invoke' | 'get';
  readonly module?: string;
  readonly field: string;
  readonly args?: readonly SuiteValue[];
}

interface SuiteCommand {
  readonly type: string;
  readonly line: number;
  readonly name?: string;
  readonly as?: string;
  readonly filename?: string;
  readonly binary_filename?: string;
  readonly module_type?: string;
  readonly module?: string;
  readonly instance?: string;
  readonly action?: SuiteAction;
  readonly expected?: readonly SuiteValue[];
}

/** Prepares and instantiates modules; `instantiate` returns after the start function has run. */
export interface SuiteEngine {
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

export interface SuiteOutcome {
  readonly checked: number;
  /** One string for each failed assertion: its line and the reason. */
  readonly failures: readonly string[];
}

class SuiteFailure extends Error {}

class SuiteRunner {
  readonly #engine: SuiteEngine;
  readonly #folder: string;
  readonly #registry: Record<string, WebAssembly.ModuleImports> = { spectest: spectest() };
  readonly #instances = new Map<string | undefined, Instance>();
  readonly #definitions = new Map<string | undefined, Definition>();

  constructor(engine: SuiteEngine, folder: string) {
    this.#engine = engine;
    this.#folder = folder;
  }

  #define(command: SuiteCommand): Definition {
    const file = command.binary_filename ?? command.filename ?? '';
    const bytes = new Uint8Array(readFileSync(join(this.#folder, file)));
    const module = new WebAssembly.Module(this.#engine.prepare(bytes));
    let report: ModuleReport | undefined;
    try {
      report = inspect(bytes);
    } catch {
      // A module that inspect refuses and the engine accepts is called through JavaScript only.
    }
    return { module, report };
  }

  #instantiate({ module, report }: Definition): Instance {
    return { exports: this.#engine.instantiate(module, this.#registry), report };
  }

  #instance(name: string | undefined): Instance {
    const instance = this.#instances.get(name);
    if (instance === undefined) throw new SuiteFailure(`no instance ${name ?? ''}`);
    return instance;
  }

  /** Performs an action, and returns a function that checks its results. */
  #act(action: SuiteAction): (expected: readonly SuiteValue[]) => boolean {
    const { exports, report } = this.#instance(action.module);
    const value = exports[action.field];
    if (action.type === 'get') {
      if (!(value instanceof WebAssembly.Global)) throw new SuiteFailure('no such global');
      const got: unknown = value.value;
      return ([expected]) => expected !== undefined && matchesJs(got, expected);
    }
    if (typeof value !== 'function') throw new SuiteFailure('no such function');
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
      if (error instanceof SuiteFailure || !fits(error)) {
        throw new SuiteFailure(`${what}, but it ended with ${String(error)}`);
      }
      return;
    }
    throw new SuiteFailure(what);
  }

  run(command: SuiteCommand): void {
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
        if (definition === undefined) throw new SuiteFailure('no such definition');
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
          throw new SuiteFailure(`${action.field} gave another result`);
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
        throw new SuiteFailure(`an unknown command ${command.type}`);
    }
  }
}

export function runSuiteFile(json: string, engine: SuiteEngine): SuiteOutcome {
  const { commands }: { commands: SuiteCommand[] } = JSON.parse(readFileSync(json, 'utf8'));
  const runner = new SuiteRunner(engine, dirname(json));
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
