/** Extracts the guest's frames from an error's stack, in the format of each engine. */
import { MAX_SHOWN_NAME, shorten } from '../../shorten.ts';
import { originalFunction, type MeterPlan } from '../../wasm/index.ts';

/** Number of frames; V8's default is ten. */
const FRAMES = 32;
/** Maximum characters of a stack to parse. */
const MAX_STACK = 65_536;

/** `    at name (wasm://wasm/0123abcd:wasm-function[3]:0x1f2)`; name and parentheses are optional. */
const V8 = /^\s*at (?:(.*?) \()?wasm:\/\/[^)]*?:?wasm-function\[(\d+)\]:0x[0-9a-f]+\)?$/;
/** `name@https://host/worker.js:wasm-function[3]:0x1f2` (Firefox). */
const FIREFOX = /^(.*?)@.*?wasm-function\[(\d+)\]:0x[0-9a-f]+$/;
/** `module.wasm-function[3]@[wasm code]`, with the name, if any, instead of the index (Safari). */
const SAFARI = /^(?:.*?\.)?wasm-function\[(.*)\]@\[wasm code\]$/;

/** V8 reads the number of frames from a property of Error. */
const engine: { stackTraceLimit?: number; readonly prototype: Error } = Error;

/** Makes the engine record enough frames. */
export function keepFrames(): void {
  engine.stackTraceLimit = FRAMES;
}

/**
 * Returns the WebAssembly frames, innermost first, with names and indices of the submitted module:
 * `name (wasm-function[3])`. Frames of code that metering added are omitted.
 */
export function readBacktrace(stack: string | undefined, plan: MeterPlan): string[] {
  const frames: string[] = [];
  // Metering shortens guest names; this bounds other frames, and a message that precedes them.
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
