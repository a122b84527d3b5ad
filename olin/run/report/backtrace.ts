/** Reads the guest's frames out of an error's stack, as each engine writes it. */
import { MAX_SHOWN_NAME, shorten } from '../../shorten.ts';
import { originalFunction, type MeterPlan } from '../../wasm/index.ts';

/** V8 keeps ten frames unless it is told otherwise. */
const FRAMES = 32;
/** Characters of a stack that are read. */
const MAX_STACK = 65_536;

/** `    at name (wasm://wasm/0123abcd:wasm-function[3]:0x1f2)`, the name and the parentheses where there is one. */
const V8 = /^\s*at (?:(.*?) \()?wasm:\/\/[^)]*?:?wasm-function\[(\d+)\]:0x[0-9a-f]+\)?$/;
/** `name@https://host/worker.js:wasm-function[3]:0x1f2` (Firefox). */
const FIREFOX = /^(.*?)@.*?wasm-function\[(\d+)\]:0x[0-9a-f]+$/;
/** `module.wasm-function[3]@[wasm code]`, with the name in the brackets where there is one (Safari). */
const SAFARI = /^(?:.*?\.)?wasm-function\[(.*)\]@\[wasm code\]$/;

/** Some engines read how many frames to keep from a property of theirs. */
const engine: { stackTraceLimit?: number; readonly prototype: Error } = Error;

/** Makes the engine keep enough frames. */
export function keepFrames(): void {
  engine.stackTraceLimit = FRAMES;
}

/**
 * The WebAssembly frames, innermost first, by the names and indices of the module as it was submitted:
 * `name (wasm-function[3])`. Frames of the code that metering added are left out.
 */
export function readBacktrace(stack: string | undefined, plan: MeterPlan): string[] {
  const frames: string[] = [];
  // Names are cut when a module is metered; this holds for other frames, and for a message that goes before them.
  for (const line of stack?.slice(0, MAX_STACK).split('\n') ?? []) {
    if (frames.length === FRAMES) break;
    const full = V8.exec(line) ?? FIREFOX.exec(line);
    const short = full === null ? SAFARI.exec(line)?.[1] : undefined;
    const [, name = '', found = short] = full ?? [];
    if (found === undefined) continue;
    if (!/^\d+$/.test(found)) {
      frames.push(shorten(found, MAX_SHOWN_NAME));
      continue;
    }
    const index = originalFunction(plan, Number(found));
    if (index === undefined) continue;
    const place = `wasm-function[${index}]`;
    frames.push(name === '' ? place : `${shorten(name, MAX_SHOWN_NAME)} (${place})`);
  }
  return frames;
}
