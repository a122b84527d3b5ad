/** Runs a module for `trisiel run`. */
import {
  answer,
  compile,
  InputError,
  run,
  type CgiOutcome,
  type CompiledModule,
  type CgiExchange,
  type ReplyEvents,
  type ReplyHead,
  type RunOptions,
} from '../../olin/index.ts';
import { nodePlatform } from '../../olin/platform/node.ts';
import type { Context } from '../context.ts';
import { UsageError } from '../errors.ts';
import type { ExitName } from '../exit-codes.ts';
import {
  describeBill,
  describeCall,
  describeLog,
  describeProfile,
  describeStopText,
} from '../olin/report.ts';
import { readFolders } from '../olin/folders.ts';
import { parseRequest } from '../olin/request.ts';
import { standardInput } from '../olin/standard-input.ts';
import { makeUntrustedWriter } from '../terminal/output.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { Text, text } from '../terminal/text.ts';
import type { RunSettings } from './run-options.ts';

export interface ModuleRun extends RunSettings {
  readonly bytes: Uint8Array;
  /** Arguments of the guest. The first one is the program's name. */
  readonly args: readonly string[];
  /** `GET /path` runs the module as a handler. Undefined: as a program. */
  readonly request: string | undefined;
  readonly headers: readonly string[];
  /** The body of the request. Undefined: standard input. */
  readonly body: string | Uint8Array<ArrayBuffer> | undefined;
  readonly trace: boolean;
  readonly profile: boolean;
  /** Whether control characters of the guest reach the terminal. */
  readonly raw: boolean;
  /** Values of `--dir`. */
  readonly folders: readonly string[];
}

type Ended = Pick<CgiOutcome, 'fault' | 'broken' | 'result'>;

export async function runModule(context: Context, wanted: ModuleRun): Promise<ExitName> {
  const { out } = context;
  const module = await compile(wanted.bytes, { profile: wanted.profile }).catch(asUsage);
  const reply = new Reply(context, wanted.raw);
  const options = {
    ...runOptions(context, wanted),
    preopens: await readFolders(wanted.folders),
  };
  const ended =
    wanted.request === undefined
      ? await runProgram(module, context, reply, options)
      : await askHandler(module, readRequest(wanted, context.terminal), context, reply, options);
  await reply.end();
  const exit = judge(ended, reply.head);
  await out.give(toJson(ended, reply, exit === 'ok'), () => []);
  await describeEnd(context, ended, wanted.profile);
  return exit;
}

async function runProgram(
  module: CompiledModule,
  { terminal, signal }: Context,
  reply: Reply,
  options: RunOptions,
): Promise<Ended> {
  const stdin = standardInput(terminal);
  return {
    result: await run(module, {
      ...options,
      signal,
      stdin,
      stdout: (chunk) => reply.onBody(chunk),
    }),
  };
}

function askHandler(
  module: CompiledModule,
  request: CgiExchange,
  { signal }: Context,
  reply: Reply,
  options: RunOptions,
): Promise<Ended> {
  const abort = new AbortController();
  signal.addEventListener('abort', () => abort.abort(), { once: true });
  return answer(module, request, reply, { ...options, abort });
}

function runOptions(context: Context, wanted: ModuleRun): RunOptions {
  const { out, terminal } = context;
  const errors = makeUntrustedWriter(terminal.stderr, wanted.raw);
  const note = (line: string): void => void out.note(new Text(line.trimEnd()));
  return {
    platform: nodePlatform,
    args: wanted.args,
    env: wanted.env,
    limits: wanted.limits,
    trace: wanted.trace,
    ...(wanted.policy === undefined ? {} : { policy: wanted.policy }),
    ...(out.isJson
      ? {}
      : {
          stderr: (chunk) => errors(chunk),
          onLog: (line) => note(describeLog(line)),
          onCall: (call) => note(describeCall(call)),
        }),
  };
}

/** Streams the guest's output to standard output, or collects it for `--json`. */
class Reply implements ReplyEvents {
  readonly #isJson: boolean;
  readonly #write: (chunk?: Uint8Array) => Promise<void>;
  readonly #kept: Uint8Array[] = [];
  #head: ReplyHead | undefined;
  #waiting: Promise<void> | undefined;

  constructor({ out }: Context, isRaw: boolean) {
    this.#isJson = out.isJson;
    this.#write = out.writer(isRaw);
  }

  get head(): ReplyHead | undefined {
    return this.#head;
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.#kept);
  }

  onHead(head: ReplyHead): void {
    this.#head = head;
    const fields = head.fields.map(({ name, value }) => `${name}: ${value}\n`).join('');
    // Header values are byte strings.
    const shown = Buffer.from(`HTTP ${head.status}\n${fields}\n`, 'latin1');
    if (!this.#isJson) this.#waiting = this.#write(shown);
  }

  async onBody(chunk: Uint8Array): Promise<void> {
    if (this.#isJson) {
      this.#kept.push(chunk);
      return;
    }
    await this.#waiting;
    await this.#write(chunk);
  }

  async end(): Promise<void> {
    await this.#waiting;
    if (!this.#isJson) await this.#write();
  }
}

function readRequest(wanted: ModuleRun, terminal: Terminal): CgiExchange {
  try {
    const body =
      wanted.body ?? ((): string | ReadableStream<Uint8Array> => standardInput(terminal));
    const request = parseRequest(wanted.request ?? '/', wanted.headers, body, '--request');
    return {
      method: request.method,
      url: request.url,
      headers: request.headers,
      body: request.body,
    };
  } catch (error) {
    return asUsage(error);
  }
}

function asUsage(error: unknown): never {
  throw error instanceof InputError ? new UsageError(error.message) : error;
}

function judge({ fault, broken, result }: Ended, head: ReplyHead | undefined): ExitName {
  const failed = fault !== undefined || broken !== undefined || result.exit !== 0;
  return failed || (head?.status ?? 200) >= 400 ? 'guest' : 'ok';
}

function toJson({ fault, broken, result }: Ended, reply: Reply, ok: boolean): object {
  const { head, bytes } = reply;
  const { exit, trap, errorOutput, log, trace, bill } = result;
  const why = fault?.message ?? broken;
  return {
    ok,
    exit,
    ...(trap === undefined ? {} : { trap }),
    ...(why === undefined ? {} : { fault: why }),
    ...(head === undefined
      ? {}
      : { status: head.status, headers: head.fields.map(({ name, value }) => [name, value]) }),
    ...encodeBytes('output', bytes),
    ...encodeBytes('errorOutput', errorOutput),
    log,
    trace,
    bill,
  };
}

/** Encodes UTF-8 as text and other bytes as base64, under different keys. */
function encodeBytes(name: string, bytes: Uint8Array): Record<string, string> {
  try {
    return { [name]: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { [`${name}Base64`]: Buffer.from(bytes).toString('base64') };
  }
}

async function describeEnd({ out }: Context, ended: Ended, isProfiled: boolean): Promise<void> {
  const { fault, broken, result } = ended;
  const { trap, bill, exit } = result;
  const why = fault?.message ?? broken;
  if (trap !== undefined && (why === undefined || why === trap.message)) {
    await out.note(new Text(describeStopText(trap).trimEnd()));
  } else if (why !== undefined) await out.note(text`${why}`);
  const status = exit === null ? [] : [`exit                   ${exit}\n`];
  await out.note(new Text(`\n${status.join('')}${describeBill(bill)}`.trimEnd()));
  if (isProfiled) await out.note(new Text(describeProfile(bill).trimEnd()));
}
