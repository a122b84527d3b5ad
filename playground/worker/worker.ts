/** The worker that runs guests, one at a time: a page shows one run, and the next waits for it to end. */
import { expose } from 'comlink';
import {
  compile,
  DEFAULT_POLICY,
  InputError,
  parsePolicy,
  run,
  serve,
  type CompiledModule,
  type RunOptions,
} from '../../olin/index.ts';
import { browserPlatform } from '../../olin/platform/browser.ts';
import { EventStream } from './event-stream.ts';
import { buildRequest } from '../inputs/job-request.ts';
import type {
  RunEnding,
  Failure,
  Job,
  JobRequest,
  ModuleSource,
  WorkerResult,
  Runner,
} from './worker-api.ts';

/** Calls reported individually; the bill counts all of them. */
const MAX_CALLS = 500;

const DONE = { ok: true, value: null } as const;

let running: AbortController | undefined;

const runner = {
  warm: (url) => attempt(async () => void (await load({ url }))),
  async run(job, port) {
    const cancel = new AbortController();
    running = cancel;
    const events = new EventStream((batch) => port.postMessage(batch));
    const done = await attempt(async () => {
      const ending = await execute(job, events, cancel.signal);
      events.add({ type: 'end', ending });
    });
    if (!done.ok) events.add({ type: 'failed', error: done.error });
    events.close();
    return done;
  },
  cancel: () => running?.abort(),
} satisfies Runner;

expose(runner);

async function execute(job: Job, events: EventStream, signal: AbortSignal): Promise<RunEnding> {
  const policy = job.policy.trim() === '' ? DEFAULT_POLICY : parsePolicy(job.policy);
  const module = await load(job.module);
  const limits = { gas: policy.gasLimit, memoryPages: policy.ramPageLimit };
  const options: RunOptions = {
    platform: browserPlatform,
    args: [`${job.name}.wasm`, ...job.args],
    env: job.env,
    policy,
    limits: { wallMs: job.wallMs, traceCalls: MAX_CALLS },
    signal,
    trace: true,
    stderr: (bytes) => events.add({ type: 'errorOutput', bytes }),
    onLog: (line) => events.add({ type: 'log', line }),
    onCall: (call) => events.add({ type: 'call', call }),
  };
  if (job.request !== undefined) {
    return { ...(await answer(module, job.name, job.request, options, events)), limits };
  }
  const stdout: RunOptions['stdout'] = (bytes) => events.add({ type: 'output', bytes });
  const { exit, trap, bill } = await run(module, { ...options, stdin: job.stdin, stdout });
  return { exit, ...(trap && { trap }), bill, limits };
}

async function answer(
  module: CompiledModule,
  name: string,
  jobRequest: JobRequest,
  options: RunOptions,
  events: EventStream,
): Promise<Omit<RunEnding, 'limits'>> {
  const { stdin: _stdin, stdout: _stdout, ...others } = options;
  const served = await serve(module, buildRequest(jobRequest), {
    ...others,
    scriptName: jobRequest.scriptName,
    handlerId: name,
  });
  if (served.ok) {
    const { status, body } = served.response;
    events.add({ type: 'head', status, headers: served.headers });
    if (body !== null) await pump(body, events);
  }
  const { exit, trap, bill, output } = await served.result;
  if (!served.ok && output.length > 0) events.add({ type: 'output', bytes: output });
  const fault = served.ok ? undefined : served.fault;
  return { exit, ...(trap && { trap }), ...(fault && { fault }), bill };
}

/** Forwards the body's chunks as they arrive. The failure of a body is reported by the run's result. */
async function pump(body: ReadableStream<Uint8Array>, events: EventStream): Promise<void> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      events.add({ type: 'output', bytes: value });
    }
  } catch {
    return;
  }
}

/** The bill shows gas by function. The gas charged is the same without profiling. */
const WITH_PROFILE = { profile: true } as const;

/** Modules of the site by URL, compiled or being compiled. */
const modules = new Map<string, Promise<CompiledModule>>();

async function load(source: ModuleSource): Promise<CompiledModule> {
  if ('bytes' in source) return compile(source.bytes, WITH_PROFILE);
  const { url } = source;
  const known = modules.get(url);
  if (known !== undefined) return known;
  const made = fetchModule(url);
  modules.set(url, made);
  try {
    return await made;
  } catch (error) {
    modules.delete(url);
    throw error;
  }
}

async function fetchModule(url: string): Promise<CompiledModule> {
  const response = await fetch(url).catch(() => undefined);
  if (response === undefined) {
    throw new PageError(
      'fetch',
      `${url} could not be fetched. Check the connection and run again.`,
    );
  }
  if (!response.ok) {
    throw new PageError(
      'fetch',
      `${url} could not be fetched: the site answered ${response.status}.`,
    );
  }
  return compile(new Uint8Array(await response.arrayBuffer()), WITH_PROFILE);
}

/** A failure outside the guest. The message is a sentence for display. */
class PageError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'PageError';
    this.code = code;
  }
}

async function attempt(work: () => Promise<void>): Promise<WorkerResult<null>> {
  try {
    await work();
    return DONE;
  } catch (error) {
    return { ok: false, error: toFailure(error) };
  }
}

function toFailure(error: unknown): Failure {
  if (error instanceof InputError) {
    const { code, message, line, column } = error;
    return line === undefined || column === undefined
      ? { code, message }
      : { code, message, line, column };
  }
  if (error instanceof PageError) return { code: error.code, message: error.message };
  return { code: 'host', message: error instanceof Error ? error.message : String(error) };
}
