/** Builds the import object. Each ABI function gets a wrapper that counts, charges, decodes and reports errors. */
import { decode, type AbiFunction } from '../abi/declare.ts';
import { findFunction } from '../abi/index.ts';
import { EXIT } from './report/ending.ts';
import { CallError } from '../errors.ts';
import type { Process } from './process.ts';

/** The function that the guest calls: takes numbers, returns a number or a promise of one. */
export type WireCall = (...wire: (number | bigint)[]) => unknown;
/** Wraps a call, as the trace does. */
export type Decorator = (name: string, fn: AbiFunction, call: WireCall) => WireCall;

/** An imported function. */
export interface ImportedFunction {
  readonly module: string;
  readonly name: string;
}

/** The run that currently makes the calls. */
export interface CurrentRun {
  /** Undefined between runs. */
  readonly process: Process | undefined;
}

export interface BindOptions {
  readonly canSuspend: boolean;
  readonly decorate?: Decorator | undefined;
}

/** Adds the ABI functions among `imports` to the import object `target`. */
export function bindImports(
  target: Record<string, Record<string, WebAssembly.ImportValue>>,
  imports: readonly ImportedFunction[],
  current: CurrentRun,
  { canSuspend, decorate }: BindOptions,
): void {
  const { Suspending } = WebAssembly;
  for (const { module, name } of imports) {
    const fn = findFunction(module, name);
    if (fn === undefined) continue;
    const plain = bindCall(current, name, fn);
    const call = decorate === undefined ? plain : decorate(name, fn, plain);
    const suspends = fn.blocks && canSuspend && Suspending !== undefined;
    (target[module] ??= {})[name] = suspends ? new Suspending(call) : call;
  }
}

function bindCall(current: CurrentRun, name: string, fn: AbiFunction): WireCall {
  return (...wire) => {
    const { process } = current;
    // A guest does not call after its run has ended; this is a safeguard.
    if (process === undefined) throw EXIT;
    process.beginCall(name);
    try {
      const answer = fn.call(process, decode(fn, process, wire));
      if (!(answer instanceof Promise)) return fn.blocks ? afterTurn(process, answer) : answer;
      return process.wait(answer).then(
        (settled) => afterTurn(process, settled),
        (error: unknown) => reportFailure(process, name, error),
      );
    } catch (error) {
      return reportFailure(process, name, error);
    }
  };
}

/** Returns the result, after yielding if the call used up the slice. */
function afterTurn<T>(process: Process, answer: T): T | Promise<T> {
  return process.dueTurn()?.then(() => answer) ?? answer;
}

function reportFailure(process: Process, name: string, error: unknown): number {
  if (!(error instanceof CallError)) throw error;
  if (error.error === 'InvalidArgument' || error.error === 'UnknownError') {
    process.warn(`${name}: ${error.message}.`);
  }
  return error.code;
}
