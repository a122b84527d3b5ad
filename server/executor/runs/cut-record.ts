/**
 * Bounds the size of execution records. Their texts come from guests: function names, URLs, log lines. A record over a
 * bound is truncated, never dropped, since the run is billed by it.
 */
import type { ExecutionCall, ExecutionStop, NewExecution } from '../../db/runs/executions.ts';

/** Maximum length of a journal line. The bounds of single fields add up to less in all but contrived records. */
export const MAX_LINE_CHARACTERS = 2 * 1024 * 1024;

const MAX_MESSAGE_CHARACTERS = 4096;
const MAX_FRAMES = 64;
const MAX_FRAME_CHARACTERS = 512;
const MAX_URLS = 100;
const MAX_URL_CHARACTERS = 2048;
/** Limit per argument of a traced system call. */
const MAX_ARGUMENT_CHARACTERS = 4096;
/** Limits applied to texts and lists if a record within the bounds above is still too long. */
const SHORT_CHARACTERS = 200;
const SHORT_LENGTH = 100;
const SHORT_BYTES = 4096;

export function cutText(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

export function cutStop(trap: ExecutionStop): ExecutionStop {
  return {
    ...trap,
    message: cutText(trap.message, MAX_MESSAGE_CHARACTERS),
    backtrace: trap.backtrace
      .slice(0, MAX_FRAMES)
      .map((frame) => cutText(frame, MAX_FRAME_CHARACTERS)),
  };
}

export function cutUrls(urls: readonly string[]): readonly string[] {
  return urls.slice(0, MAX_URLS).map((url) => cutText(url, MAX_URL_CHARACTERS));
}

export function cutCall(call: ExecutionCall): ExecutionCall {
  const cut = <T>(value: T): T | string =>
    typeof value === 'string' ? cutText(value, MAX_ARGUMENT_CHARACTERS) : value;
  return {
    ...call,
    args: call.args.map(({ name, value }) => ({ name, value: cut(value) })),
    ...(call.result === undefined ? {} : { result: cut(call.result) }),
    ...(call.fault === undefined ? {} : { fault: cut(call.fault) }),
  };
}

/** Truncations, least useful field first. After all of them no record is longer than 300,000 characters. */
const CUTS: readonly ((run: NewExecution) => Partial<NewExecution>)[] = [
  () => ({ trace: null }),
  ({ log }) => ({
    log: log
      .slice(0, SHORT_LENGTH)
      .map((line) => ({ ...line, text: cutText(line.text, SHORT_CHARACTERS) })),
  }),
  ({ exchange }) =>
    exchange === undefined ? {} : { exchange: { requestHeaders: [], body: '', replyHeaders: [] } },
  ({ urls }) => ({
    urls: urls.slice(0, SHORT_LENGTH).map((url) => cutText(url, SHORT_CHARACTERS)),
  }),
  ({ trap }) => ({
    trap:
      trap === null
        ? null
        : {
            ...trap,
            code: cutText(trap.code, SHORT_CHARACTERS),
            message: cutText(trap.message, SHORT_CHARACTERS),
            backtrace: trap.backtrace
              .slice(0, SHORT_LENGTH)
              .map((frame) => cutText(frame, SHORT_CHARACTERS)),
          },
  }),
  ({ output, errorOutput }) => ({
    output: output.subarray(0, SHORT_BYTES),
    errorOutput: errorOutput.subarray(0, SHORT_BYTES),
  }),
  ({ calls, path, method }) => ({
    calls: Object.fromEntries(
      Object.entries(calls)
        .slice(0, SHORT_LENGTH)
        .map(([name, count]) => [cutText(name, SHORT_CHARACTERS), count]),
    ),
    path: cutText(path, SHORT_CHARACTERS),
    method: cutText(method, SHORT_CHARACTERS),
  }),
];

/**
 * Serializes a record, truncated as far as necessary.
 * @param write throws RangeError if the text exceeds the engine's maximum string length
 */
export function writeCut(run: NewExecution, write: (run: NewExecution) => string): string {
  let kept = run;
  for (const cut of CUTS) {
    const line = writeWithin(kept, write);
    if (line !== undefined) return line;
    kept = { ...kept, ...cut(kept) };
  }
  return write(kept);
}

function writeWithin(run: NewExecution, write: (run: NewExecution) => string): string | undefined {
  try {
    const line = write(run);
    return line.length <= MAX_LINE_CHARACTERS ? line : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The billing data of a run without any guest text; written if the database refuses the full record. */
export function withoutTexts(run: NewExecution): NewExecution {
  const { exchange: _exchange, ...rest } = run;
  return {
    ...rest,
    path: '/',
    trap: run.trap === null ? null : { code: run.trap.code, message: LEFT_OUT, backtrace: [] },
    calls: {},
    urls: [],
    output: new Uint8Array(),
    errorOutput: new Uint8Array(),
    log: [],
    trace: null,
  };
}

const LEFT_OUT = 'Output, log and trace of the run could not be stored: the database refused them.';
