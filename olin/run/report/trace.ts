/** Traces system calls, as a decorator of the import object. */
import { isRange, type AbiFunction } from '../../abi/declare.ts';
import type { WireCall } from '../bind.ts';
import { CallError } from '../../errors.ts';
import { decodeText } from '../memory.ts';
import type { Process } from '../process.ts';
import { shorten } from '../../shorten.ts';
import type { TracedCall, CallArgument } from '../../types.ts';

/** Maximum bytes of a text argument. */
const MAX_TEXT_BYTES = 200;
/** Maximum characters of the reason why a call did not return. */
const MAX_FAULT_CHARACTERS = 1000;

/** Passes each call to `keep` when it ends. The run's limit counts calls as they start. */
export function traceCalls(
  process: Process,
  keep: (call: TracedCall) => void,
): (name: string, fn: AbiFunction, call: WireCall) => WireCall {
  let room = process.limits.traceCalls;
  return (name, fn, call) =>
    (...wire) => {
      if (room <= 0) return call(...wire);
      room--;
      // Read before the call, which may overwrite the arguments in memory.
      const args = describeArguments(fn, process, wire);
      const atMs = process.elapsedMs;
      const done = (outcome: Pick<TracedCall, 'result' | 'fault'>): void =>
        keep({ name, args, ...outcome, atMs, tookMs: process.elapsedMs - atMs });
      const returned = (answer: unknown): unknown => {
        done(fn.result === undefined ? {} : { result: describeResult(fn, answer) });
        return answer;
      };
      const failed = (error: unknown): never => {
        done({
          fault: shorten(
            error instanceof Error ? error.message : String(error),
            MAX_FAULT_CHARACTERS,
          ),
        });
        throw error;
      };
      try {
        const answer = call(...wire);
        return answer instanceof Promise ? answer.then(returned, failed) : returned(answer);
      } catch (error) {
        return failed(error);
      }
    };
}

function describeArguments(
  fn: AbiFunction,
  process: Process,
  wire: readonly (number | bigint)[],
): CallArgument[] {
  let at = 0;
  const next = (): number | bigint => wire[at++] ?? 0;
  return fn.params.flatMap(({ name, type }): CallArgument[] => {
    const given = next();
    if (typeof given === 'bigint') {
      return [{ name, value: BigInt.asUintN(64, given).toString() }];
    }
    const first = given;
    if (!isRange(type)) return [{ name, value: type === 'u32' ? first >>> 0 : first | 0 }];
    const length = Number(next()) >>> 0;
    const base = first >>> 0;
    if (type !== 'buffer') {
      const text = readText(process, base, length);
      if (text !== undefined) return [{ name, value: text }];
    }
    return [
      { name: `${name}_base`, value: base },
      { name: `${name}_len`, value: length },
    ];
  });
}

/** Returns shortened text, or undefined if the range is out of bounds. */
function readText(process: Process, base: number, length: number): string | undefined {
  try {
    const bytes = process.memory.view(base, length);
    const text = decodeText(bytes.subarray(0, MAX_TEXT_BYTES));
    return length > MAX_TEXT_BYTES ? `${text}… (${length} bytes)` : text;
  } catch (error) {
    if (error instanceof CallError) return undefined;
    throw error;
  }
}

function describeResult(fn: AbiFunction, answer: unknown): string | number {
  if (typeof answer === 'bigint') return answer.toString();
  const number = Number(answer);
  // A negative result is an error code, whatever its declared type.
  return fn.result?.type === 'u32' && number >= 0 ? number >>> 0 : number | 0;
}
