/** Compiles WebAssembly text, meters it, and attaches a gauge, for tests. */
import loadWabt from 'wabt';

import type { GaugeOptions } from '../host/gauge-options.ts';

import { Gauge } from '../host/gauge.ts';
import { meter } from '../meter.ts';
import { readPlan } from '../plan.ts';

const wabt = await loadWabt();

export function buildWat(text: string): Uint8Array<ArrayBuffer> {
  const features = { exceptions: true, multi_memory: true, memory64: true, tail_call: true };
  const module = wabt.parseWat('test.wat', text, features);
  return Uint8Array.from(module.toBinary({ write_debug_names: true }).buffer);
}

export interface StartedGuest {
  readonly gauge: Gauge;
  readonly instance: WebAssembly.Instance;
  readonly exports: WebAssembly.Exports;
  /** The limits that the gauge reported. */
  readonly limits: string[];
  call(name: string, ...args: (number | bigint)[]): unknown;
}

export function callerOf(exports: WebAssembly.Exports): StartedGuest['call'] {
  return (name, ...args) => {
    const body = exports[name];
    if (typeof body !== 'function') throw new TypeError(`no ${name}`);
    return body(...args);
  };
}

/** @param host functions to import from the module `host` */
export function startMetered(
  text: string,
  options: Partial<GaugeOptions> = {},
  host: Record<string, WebAssembly.ImportValue> = {},
): StartedGuest {
  const module = new WebAssembly.Module(meter(buildWat(text)));
  const limits: string[] = [];
  const gauge = new Gauge(readPlan(module), {
    gasLimit: 1_000_000,
    sliceGas: 10_000,
    memoryPagesLimit: 16,
    onTurn: () => {},
    onLimit: (kind) => limits.push(kind),
    canSuspend: false,
    ...options,
  });
  const instance = new WebAssembly.Instance(module, { ...gauge.imports, host });
  gauge.attach(instance);
  const { exports } = instance;
  return { gauge, instance, exports, limits, call: callerOf(exports) };
}
