/**
 * Defines a case of the suite, and runs one. Independent of the host and of the runtime's internals:
 * the runtime is an argument, and only its result is checked.
 */
import type { TracedCall, Platform, RunOptions, RunResult, StopReason } from '../types.ts';

export type RunModule = (bytes: Uint8Array, options: RunOptions) => Promise<RunResult>;

export interface ConformanceHost {
  readonly run: RunModule;
  readonly platform: Platform;
}

/** Options of a run; the trace is always kept. */
export interface CaseOptions extends Omit<RunOptions, 'platform' | 'trace'> {
  /** Replaces parts of the platform. */
  readonly platform?: Partial<Platform>;
}

/**
 * The expected result. Output, log and trap must be empty unless given, and the status 0. Calls and bill are compared
 * only if given.
 */
export interface ExpectedRun {
  readonly exit?: number;
  readonly trap?: {
    readonly code: StopReason['code'];
    readonly message?: string | RegExp;
    /** Names of functions, innermost first. */
    readonly backtrace?: readonly string[];
    readonly limit?: number;
    readonly used?: number;
  };
  readonly output?: string | Uint8Array;
  readonly errorOutput?: string;
  readonly log?: readonly (readonly [level: number, text: string | RegExp])[];
  /** As {@link showCall} formats them; a final `*` matches anything. */
  readonly calls?: readonly string[];
  readonly bill?: Partial<RunResult['bill']>;
  /** The module must be refused: the code and the message of the InputError. */
  readonly refused?: { readonly code: string; readonly message: RegExp };
}

export type StartGuest = (given?: CaseOptions) => Promise<RunResult>;

export interface ConformanceCase {
  /** The subject of the sentence: the function, the scheme, or `olin` for the contract of this project. */
  readonly about: string;
  readonly sentence: string;
  /** The guest, in WebAssembly text. */
  readonly guest: string;
  /** Called for each run, because streams and signals can be used once. */
  readonly given?: () => CaseOptions;
  /** Runs the guest, if a simple run is not enough. Throws if a check fails. */
  readonly act?: (start: StartGuest, place: ConformanceHost) => Promise<RunResult>;
  readonly wants: ExpectedRun;
}

/** The title of a case, the same on every platform. */
export function titleOf({ about, sentence }: ConformanceCase): string {
  return `${about}: ${sentence}`;
}

/** Runs one case. Returns the differences from the expected result, one sentence each. */
export async function tryCase(
  each: ConformanceCase,
  bytes: Uint8Array,
  place: ConformanceHost,
): Promise<string[]> {
  const start: StartGuest = (given = each.given?.()) => {
    const { platform, ...options } = given ?? {};
    return place.run(bytes, {
      ...options,
      trace: true,
      platform: { ...place.platform, ...platform },
    });
  };
  try {
    const result = await (each.act === undefined ? start() : each.act(start, place));
    return each.wants.refused === undefined
      ? findDifferences(result, each.wants)
      : ['the module ran; it must be refused'];
  } catch (error) {
    return checkRefusal(error, each.wants);
  }
}

/** `name(arg=1, text="a") = 0`, and ` ! reason` if the call did not return. */
export function showCall({ name, args, result, fault }: TracedCall): string {
  const shown = args.map((arg) => `${arg.name}=${JSON.stringify(arg.value)}`).join(', ');
  const end = fault === undefined ? (result === undefined ? '' : ` = ${result}`) : ` ! ${fault}`;
  return `${name}(${shown})${end}`;
}

function checkRefusal(error: unknown, { refused }: ExpectedRun): string[] {
  if (!(error instanceof Error)) return [`threw ${String(error)}`];
  if (refused === undefined) return [`threw ${error.stack ?? error.message}`];
  const code = 'code' in error ? error.code : undefined;
  return code === refused.code && refused.message.test(error.message)
    ? []
    : [`refused as ${String(code)}: ${error.message}`];
}

function findDifferences(result: RunResult, wants: ExpectedRun): string[] {
  const differences: string[] = [];
  const compare = (what: string, wanted: unknown, found: unknown): void => {
    const [left, right] = [JSON.stringify(wanted), JSON.stringify(found)];
    if (left !== right) differences.push(`${what}: wanted ${left}, found ${right}`);
  };
  const { exit, trap, output, errorOutput, log, trace, bill } = result;
  if (wants.trap === undefined) {
    compare('trap', undefined, trap);
    compare('exit status', wants.exit ?? 0, exit);
  } else {
    compare('exit status', wants.exit ?? null, exit);
    compareStop(wants.trap, trap, compare);
  }
  if (wants.output instanceof Uint8Array) {
    compare('output', [...wants.output], [...output]);
  } else {
    compare('output', wants.output ?? '', new TextDecoder().decode(output));
  }
  compare('standard error', wants.errorOutput ?? '', new TextDecoder().decode(errorOutput));
  const lines = log.map(({ level, text }) => [level, text] as const);
  const wantedLines = (wants.log ?? []).map(([level, text], at) => {
    const found = lines[at]?.[1];
    const same = text instanceof RegExp && found !== undefined && text.test(found);
    return [level, same ? found : text instanceof RegExp ? text.source : text];
  });
  compare('log', wantedLines, lines);
  if (wants.calls !== undefined) {
    const calls = trace.map(showCall);
    compare(
      'calls',
      wants.calls.map((call, at) =>
        call.endsWith('*') && calls[at]?.startsWith(call.slice(0, -1)) === true ? calls[at] : call,
      ),
      calls,
    );
  }
  for (const [key, value] of Object.entries(wants.bill ?? {})) {
    compare(`bill: ${key}`, value, Object.entries(bill).find(([name]) => name === key)?.[1]);
  }
  return differences;
}

function compareStop(
  wanted: NonNullable<ExpectedRun['trap']>,
  trap: StopReason | undefined,
  compare: (what: string, wanted: unknown, found: unknown) => void,
): void {
  compare('trap', wanted.code, trap?.code);
  if (trap === undefined) return;
  const { message } = wanted;
  if (message instanceof RegExp ? !message.test(trap.message) : message !== undefined) {
    compare('message', message instanceof RegExp ? message.source : message, trap.message);
  }
  if (wanted.backtrace !== undefined) {
    const names = trap.backtrace.map((frame) => frame.replace(/ ?\(?wasm-function.*$/, ''));
    compare('backtrace', wanted.backtrace, names);
  }
  if (wanted.limit !== undefined) compare('limit', wanted.limit, trap.limit);
  if (wanted.used !== undefined) compare('used', wanted.used, trap.used);
}
