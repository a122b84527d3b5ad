/** `npm run olin`: runs a module from the terminal in the same environment as the playground and the server. */
import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  compile,
  inspect,
  InputError,
  meter,
  parsePolicy,
  run,
  serve,
  type RunOptions,
  type RunResult,
} from '../../olin/index.ts';
import { nodePlatform, streamFrom } from '../../olin/platform/node.ts';
import { endByReader } from '../parser/end-by-reader.ts';
import { moduleToJson, describeModule } from './inspect.ts';
import {
  EXIT_STATUSES,
  helpText,
  parseCommandLine,
  USAGE,
  UsageError,
  type CommandLine,
} from './options.ts';
import { parseRequest } from './request.ts';
import {
  describeBill,
  describeCall,
  describeLog,
  describeProfile,
  describeTrapText,
} from './report.ts';
import { makeWriter } from './visible.ts';

const tell = (text: string): boolean => process.stderr.write(text);
const out = makeWriter(process.stdout);
endByReader([process.stdout, process.stderr]);

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof InputError || error instanceof UsageError)) throw error;
  tell(`${error.message}\n`);
  process.exitCode =
    error instanceof InputError ? EXIT_STATUSES.input.status : EXIT_STATUSES.usage.status;
}

async function main(argv: readonly string[]): Promise<number> {
  const line = parseCommandLine(argv);
  if (line.has('help')) {
    process.stdout.write(helpText());
    return 0;
  }
  const [path, ...args] = line.words;
  if (path === undefined) throw new UsageError(`No module was named. Usage: ${USAGE}`);
  const bytes = await readInput(path);
  const profile = line.has('profile');
  if (line.has('inspect')) {
    const report = inspect(bytes);
    process.stdout.write(line.has('json') ? moduleToJson(report) : describeModule(report));
    return 0;
  }
  if (line.has('meter')) {
    const output = line.one('output');
    if (output === undefined)
      throw new UsageError('Say where the metered module goes: -o OUT.wasm');
    await writeFile(output, meter(bytes, { profile }));
    return 0;
  }
  const module = await compile(bytes, { profile });
  const options = await readOptions(line, [basename(path), ...args]);
  const request = line.one('cgi');
  const result =
    request === undefined
      ? await run(module, { ...options, stdin: standardInput(), stdout: out })
      : await callHandler(request);
  if (result.trap !== undefined) tell(describeTrapText(result.trap));
  if (line.has('stats')) tell(describeBill(result.bill));
  if (profile) tell(describeProfile(result.bill));
  return result.exit === null ? EXIT_STATUSES.trap.status : result.exit & 0xff;

  async function callHandler(target: string): Promise<RunResult> {
    const served = await serve(
      module,
      parseRequest(target, line.all('header'), line.one('body') ?? standardInput),
      options,
    );
    if (!served.ok) {
      const failed = await served.result;
      // A trap is told with its backtrace by whoever called this.
      if (served.fault.code === 'trap') return failed;
      tell(`${served.fault.message}\n`);
      const { trap: _stopped, ...rest } = failed;
      return { ...rest, exit: EXIT_STATUSES.trap.status };
    }
    const { status, body } = served.response;
    const head = Array.from(served.headers, ([name, value]) => `${name}: ${value}\n`).join('');
    await out(new TextEncoder().encode(`HTTP ${status}\n${head}\n`));
    try {
      if (body !== null) for await (const chunk of body) await out(chunk);
    } catch (error) {
      return brokenOff(await served.result, error);
    }
    return served.result;
  }
}

/** The guest failed after its response headers were sent. */
function brokenOff(result: RunResult, error: unknown): RunResult {
  process.stdout.write('\n');
  // The trap is reported with its backtrace by the caller; `cancelled` is what a bad reply is stopped with.
  if (result.trap !== undefined && result.trap.code !== 'cancelled') return result;
  tell(`${error instanceof Error ? error.message : String(error)}\n`);
  const { trap: _stopped, ...rest } = result;
  return { ...rest, exit: EXIT_STATUSES.trap.status };
}

async function readOptions(line: CommandLine, args: readonly string[]): Promise<RunOptions> {
  const policyPath = line.one('policy');
  const timeLimit = line.one('time-limit');
  const wallMs = Number(timeLimit);
  if (timeLimit !== undefined && !(Number.isSafeInteger(wallMs) && wallMs > 0)) {
    throw new UsageError(
      `--time-limit is "${timeLimit}"; it must be a whole number of milliseconds.`,
    );
  }
  return {
    platform: nodePlatform,
    args,
    env: Object.fromEntries(line.all('env').map(splitVariable)),
    stderr: makeWriter(process.stderr),
    trace: line.has('trace'),
    onLog: (each) => tell(describeLog(each)),
    onCall: (each) => tell(describeCall(each)),
    ...(timeLimit === undefined ? {} : { limits: { wallMs } }),
    ...(policyPath === undefined
      ? {}
      : { policy: parsePolicy(new TextDecoder().decode(await readInput(policyPath))) }),
  };
}

function splitVariable(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--env is "${text}"; write it as KEY=VALUE.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

async function readInput(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const why =
      { ENOENT: 'there is no such file', EISDIR: 'it is a folder', EACCES: 'it may not be read' }[
        code
      ] ?? code;
    throw new UsageError(`${path} cannot be read: ${why}.`);
  }
}

/** Empty if standard input is a terminal, so that the command does not wait for typing. */
function standardInput(): string | ReadableStream<Uint8Array> {
  return process.stdin.isTTY ? '' : streamFrom(process.stdin);
}
