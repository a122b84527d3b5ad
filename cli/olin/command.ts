/** Reads the command line of `npm run olin`, and runs the module. */
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  compile,
  inspect,
  InputError,
  meter,
  parsePolicy,
  run,
  serve,
  startAt,
  type RunOptions,
  type RunResult,
} from '../../olin/index.ts';
import { nodePlatform } from '../../olin/platform/node.ts';
import { UsageError } from '../errors.ts';
import { endByReader } from '../parser/end-by-reader.ts';
import { readInput } from '../terminal/input.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { readFolders } from './folders.ts';
import { splitVariable } from './guest-options.ts';
import { moduleToJson, describeModule } from './inspect.ts';
import { EXIT_STATUSES, helpText, parseCommandLine, USAGE, type CommandLine } from './options.ts';
import { parseRequest } from './request.ts';
import {
  describeBill,
  describeCall,
  describeLog,
  describeProfile,
  describeStopText,
} from './report.ts';
import { standardInput } from './standard-input.ts';
import { makeWriter } from './visible.ts';

const terminal: Terminal = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
};
const report = (text: string): boolean => process.stderr.write(text);
endByReader([process.stdout, process.stderr]);

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof InputError || error instanceof UsageError)) throw error;
  report(`${error.message}\n`);
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
  if (path === undefined) throw new UsageError(`Name a module. Usage: ${USAGE}`);
  const given = await readInput(terminal, path);
  const entry = line.one('entry');
  const bytes = entry === undefined ? given : startAt(given, entry);
  const profile = line.has('profile');
  if (line.has('inspect')) {
    const described = inspect(bytes);
    process.stdout.write(line.has('json') ? moduleToJson(described) : describeModule(described));
    return 0;
  }
  if (line.has('meter')) {
    const output = line.one('output');
    if (output === undefined) throw new UsageError('--meter needs --output: add -o OUT.wasm.');
    await writeFile(output, meter(bytes, { profile }));
    return 0;
  }
  const module = await compile(bytes, { profile });
  const out = makeWriter(process.stdout, line.has('raw'));
  const options = await readOptions(line, [basename(path), ...args]);
  const request = line.one('cgi');
  const result =
    request === undefined
      ? await run(module, { ...options, stdin: standardInput(terminal), stdout: out })
      : await callHandler(request);
  if (result.trap !== undefined) report(describeStopText(result.trap));
  if (line.has('stats')) report(describeBill(result.bill));
  if (profile) report(describeProfile(result.bill));
  return result.exit === null ? EXIT_STATUSES.trap.status : toShellStatus(result.exit);

  async function callHandler(target: string): Promise<RunResult> {
    const served = await serve(
      module,
      parseRequest(target, line.all('header'), line.one('body') ?? (() => standardInput(terminal))),
      options,
    );
    if (!served.ok) {
      const failed = await served.result;
      // The caller reports traps, with their backtraces.
      if (served.fault.code === 'trap') return failed;
      report(`${served.fault.message}\n`);
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

/** A shell keeps the low 8 bits of a status; a failure whose low bits are all 0 must not become success. */
function toShellStatus(status: number): number {
  const low = status & 0xff;
  return status !== 0 && low === 0 ? 0xff : low;
}

/** The guest failed after its response headers were sent. */
function brokenOff(result: RunResult, error: unknown): RunResult {
  process.stdout.write('\n');
  // The caller reports traps, with their backtraces. `cancelled` is how the guest is stopped after an invalid reply.
  if (result.trap !== undefined && result.trap.code !== 'cancelled') return result;
  report(`${error instanceof Error ? error.message : String(error)}\n`);
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
    preopens: await readFolders(line.all('dir')),
    args,
    env: Object.fromEntries(line.all('env').map(splitVariable)),
    stderr: makeWriter(process.stderr, line.has('raw')),
    trace: line.has('trace'),
    onLog: (each) => report(describeLog(each)),
    onCall: (each) => report(describeCall(each)),
    ...(timeLimit === undefined ? {} : { limits: { wallMs } }),
    ...(policyPath === undefined
      ? {}
      : { policy: parsePolicy(new TextDecoder().decode(await readInput(terminal, policyPath))) }),
  };
}
