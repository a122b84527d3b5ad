/**
 * Runs one case of an example and compares the result with the case. The same file runs in Node and in a browser's worker.
 */
import {
  compile,
  parsePolicy,
  run,
  serve,
  type Bill,
  type TracedCall,
  type Platform,
  type RunOptions,
  type RunResult,
  type StopReason,
} from '../olin/index.ts';
import { ORIGIN, type Case, type ExampleInput, type ExampleRequest } from './types.ts';

/** The origin of the cases' requests; an example sees its host as SERVER_NAME. */
const HANDLER_ORIGIN = 'http://handler.test';

export interface CaseSite {
  readonly platform: Platform;
  /** The origin of the site that serves `greeting.json`, such as `http://localhost:4000`. */
  readonly origin: string;
  /** Counts gas by function too. Default false. */
  readonly profile?: boolean;
}

/** The result of a case, in plain values only, so that Node and the browser can be compared with one `deepEqual`. */
export interface CaseOutcome {
  readonly exit: number | null;
  readonly trap?: Pick<StopReason, 'code' | 'message' | 'backtrace'>;
  /** HTTP status and headers by lower-case name, several of one name joined by ', ', for a request that was answered. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Why the guest's reply was refused, for a request that was not answered. */
  readonly fault?: string;
  readonly output: Uint8Array;
  /** SHA-256 of the output in hexadecimal. */
  readonly outputDigest: string;
  readonly errorOutput: string;
  readonly log: readonly (readonly [number, string])[];
  readonly urls: readonly string[];
  readonly gas: number;
  /** Present if it was counted. */
  readonly gasByFunction?: Bill['gasByFunction'];
  readonly memoryPages: number;
  /** The trace, without its times. */
  readonly calls: readonly Omit<TracedCall, 'atMs' | 'tookMs'>[];
  /** The origin that replaced `{origin}`. */
  readonly origin: string;
}

/** Runs the module with the case's input. Rejects with an InputError if the module or the policy is invalid. */
export async function runCase(
  bytes: Uint8Array,
  { input }: Case,
  place: CaseSite,
): Promise<CaseOutcome> {
  const module = await compile(bytes, { profile: place.profile === true });
  const options = optionsOf(input, place);
  if (input.request === undefined) {
    const stdin = fill(input.stdin ?? '', place.origin);
    const result = await run(module, { ...options, stdin });
    return conclude(result, result.output, place.origin, {});
  }
  const served = await serve(module, toRequest(input.request, place.origin), options);
  if (!served.ok) {
    const result = await served.result;
    return conclude(result, result.output, place.origin, { fault: served.fault.message });
  }
  const { response } = served;
  const output = await readBody(response);
  return conclude(await served.result, output, place.origin, {
    status: response.status,
    headers: joinHeaders(served.headers),
  });
}

/** Returns the differences from the case's expectations, one sentence each. */
export function checkCase(outcome: CaseOutcome, { expect }: Case): string[] {
  const differences: string[] = [];
  const compare = (what: string, wanted: unknown, found: unknown): void => {
    if (wanted === undefined) return;
    const [left, right] = [JSON.stringify(wanted), JSON.stringify(found) ?? 'nothing'];
    if (left !== right) differences.push(`${what}: wanted ${left}, found ${right}`);
  };
  const text = (wanted: string | undefined): string | undefined =>
    wanted === undefined ? undefined : fill(wanted, outcome.origin);
  const output = new TextDecoder().decode(outcome.output);

  compare('exit status', expect.exit, outcome.exit ?? describeStop(outcome));
  if (expect.trap === undefined) {
    if (outcome.trap !== undefined && expect.exit === undefined)
      compare('end', 'no trap', describeStop(outcome));
  } else {
    compare('trap', expect.trap.code, outcome.trap?.code ?? `exit ${outcome.exit}`);
    const { message } = expect.trap;
    if (message !== undefined && outcome.trap?.message.includes(message) !== true) {
      compare('trap message', message, outcome.trap?.message);
    }
  }
  compare('HTTP status', expect.status, outcome.status ?? outcome.fault);
  for (const [name, value] of Object.entries(expect.headers ?? {})) {
    compare(`header ${name}`, text(value), outcome.headers?.[name]);
  }
  compare('output', text(expect.output), output);
  if (expect.outputMatches !== undefined && !new RegExp(expect.outputMatches, 'u').test(output)) {
    differences.push(
      `output: wanted a match of /${expect.outputMatches}/, found ${JSON.stringify(output)}`,
    );
  }
  compare('digest of the output', expect.outputDigest, outcome.outputDigest);
  compare('standard error', text(expect.errorOutput), outcome.errorOutput);
  compare('log', expect.log, outcome.log);
  compare('URLs', expect.urls?.map(text), outcome.urls);
  compare('gas', expect.gas, outcome.gas);
  return differences;
}

/**
 * Returns the platform with a stopped clock and a fixed sequence of random numbers, so that every run gives the same
 * output, trace and gas.
 */
export function steady(platform: Platform): Platform {
  let state = 1;
  return {
    ...platform,
    now: () => Date.UTC(2026, 0, 1),
    random: (into) => {
      for (let i = 0; i < into.length; i++) {
        // Numerical Recipes' linear congruence: its high byte is varied enough for this.
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        into[i] = state >>> 24;
      }
    },
  };
}

/** Replaces `{origin}` by the origin of the site. */
function fill(text: string, origin: string): string {
  return text.replaceAll(ORIGIN, origin);
}

function optionsOf({ args = [], env = {}, policy }: ExampleInput, place: CaseSite): RunOptions {
  const filled = Object.entries(env).map(
    ([key, value]) => [key, fill(value, place.origin)] as const,
  );
  return {
    platform: place.platform,
    trace: true,
    args: ['main.wasm', ...args.map((arg) => fill(arg, place.origin))],
    env: Object.fromEntries(filled),
    ...(policy === undefined ? {} : { policy: parsePolicy(fill(policy, place.origin)) }),
  };
}

function toRequest({ method, path, headers = {}, body }: ExampleRequest, origin: string): Request {
  return new Request(`${HANDLER_ORIGIN}${fill(path, origin)}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: fill(body, origin) }),
  });
}

/**
 * Returns headers by lower-case name, several of one name joined. A browser's Response hides Set-Cookie, so the reply's
 * own list is used.
 */
function joinHeaders(headers: readonly (readonly [string, string])[]): Record<string, string> {
  const byName = Map.groupBy(headers, ([name]) => name.toLowerCase());
  return Object.fromEntries(
    Array.from(byName, ([name, list]) => [name, list.map(([, value]) => value).join(', ')]),
  );
}

/** Reads the body; if the guest failed after its headers, the part before the failure. */
async function readBody(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const reader = response.body?.getReader();
  try {
    for (let next = await reader?.read(); next?.value !== undefined; next = await reader?.read()) {
      chunks.push(next.value);
    }
  } catch {
    // The result has the reason.
  }
  return new Uint8Array(await new Blob(chunks.map((chunk) => new Uint8Array(chunk))).arrayBuffer());
}

async function conclude(
  { exit, trap, errorOutput, log, trace, bill }: RunResult,
  output: Uint8Array,
  origin: string,
  http: Pick<CaseOutcome, 'status' | 'headers' | 'fault'>,
): Promise<CaseOutcome> {
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(output));
  return {
    exit,
    ...(trap === undefined
      ? {}
      : { trap: { code: trap.code, message: trap.message, backtrace: trap.backtrace } }),
    ...http,
    output,
    outputDigest: Array.from(new Uint8Array(digest), (byte) =>
      byte.toString(16).padStart(2, '0'),
    ).join(''),
    errorOutput: new TextDecoder().decode(errorOutput),
    log: log.map(({ level, text }) => [level, text] as const),
    urls: bill.urls,
    gas: bill.gas,
    ...(bill.gasByFunction && { gasByFunction: bill.gasByFunction }),
    memoryPages: bill.memoryPages,
    calls: trace.map(({ atMs: _at, tookMs: _took, ...call }) => call),
    origin,
  };
}

function describeStop({ trap, fault }: CaseOutcome): string {
  return trap === undefined ? (fault ?? 'no end') : `${trap.code}: ${trap.message}`;
}
