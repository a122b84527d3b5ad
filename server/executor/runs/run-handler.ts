/** Runs a handler once: waits for admission, runs the guest with the handler's options, and records the run. */
import {
  answer,
  type CgiExchange,
  type CgiOutcome,
  type Platform,
  type ReplyEvents,
  type ReplyHead,
  type Scheduler,
  type Stopper,
  type Ticket,
} from '../../../olin/index.ts';
import type { NewExecution } from '../../db/runs/executions.ts';
import type { ProblemError } from '../../problems/problems.ts';
import type { ActiveRun, ActiveRuns } from '../../process/probation/active-runs.ts';
import type { LoadedHandler } from '../handlers/handler.ts';
import type { ExecutorMetrics } from '../metrics/metrics.ts';
import { BoundedBuffer } from './bounded-buffer.ts';
import type { ExchangeRecorder } from './exchange-recorder.ts';
import { recordOf, type RunDetails } from './record.ts';
import { admit, limitsFor, reportStop } from './start.ts';

export interface RunHandlerParts {
  readonly scheduler: Scheduler;
  /** The platform for one handler's guests: it names the handler in their requests. */
  readonly platformFor: (handler: LoadedHandler) => Platform;
  readonly metrics: ExecutorMetrics;
  /** Records on disk which modules have runs in this process, for use after a crash. */
  readonly activeRuns?: ActiveRuns | undefined;
  /** Called with each finished run. */
  readonly onRun?: ((handler: LoadedHandler, run: NewExecution) => void) | undefined;
}

/** A run to make. */
export interface HandlerRun extends RunDetails {
  readonly handler: LoadedHandler;
  readonly scriptName: string;
  readonly remoteAddress: string;
  /** Start of the deadline, as `performance.now()` gives it. */
  readonly arrivedAt: number;
  /** Stops the run, or its wait for admission. */
  readonly abort: Stopper;
  /** Bytes of output kept in the record. */
  readonly outputBytes: number;
  /** Records request and reply, if the handler records traces. */
  readonly recorder: ExchangeRecorder | undefined;
  /** Receives the reply while the guest runs. Undefined: only the record keeps it. */
  readonly reply: ReplyEvents | undefined;
  /** Called once the run is admitted. If it rejects, the guest does not start. */
  onAdmitted(): Promise<void> | undefined;
  /** Called when the guest starts. */
  toExchange(): CgiExchange;
}

/** How a run ended. */
export interface HandlerOutcome {
  readonly outcome: CgiOutcome;
  /** Head of the reply, if there was one. */
  readonly head: ReplyHead | undefined;
  /** The problem that a waiting caller gets instead of a reply. */
  readonly problem: ProblemError | undefined;
  readonly execution: NewExecution;
  /** Milliseconds of the deadline that had passed when the run was admitted. */
  readonly waitedMs: number;
}

/** Throws a problem if the run is not admitted in time; nothing is recorded then. */
export async function runHandler(parts: RunHandlerParts, run: HandlerRun): Promise<HandlerOutcome> {
  const { handler, recorder, reply } = run;
  const restMs = handler.limits.wallMs - (performance.now() - run.arrivedAt);
  const admitted = admit(parts.scheduler, handler, restMs, run.abort);
  const ticket = admitted instanceof Promise ? await admitted : admitted;
  const waitedMs = performance.now() - run.arrivedAt;
  const output = new BoundedBuffer(run.outputBytes);
  const errorOutput = new BoundedBuffer();
  let head: ReplyHead | undefined;
  let active: ActiveRun | undefined;
  let outcome: CgiOutcome;
  try {
    const ready = run.onAdmitted();
    if (ready !== undefined) await ready;
    active = parts.activeRuns?.begin(handler.ownerId, handler.module.digest);
    const events = {
      onHead(given: ReplyHead) {
        head = given;
        reply?.onHead(given);
        recorder?.takeHead(given);
      },
      onBody(chunk: Uint8Array) {
        output.take(chunk);
        return reply?.onBody(chunk);
      },
    };
    const platform = parts.platformFor(handler);
    const options = optionsOf(run, { platform, ticket, waitedMs, errorOutput });
    outcome = await answer(handler.module, run.toExchange(), events, options);
  } finally {
    ticket.release();
    active?.end();
  }
  const { fault, result } = outcome;
  const problem = fault === undefined ? undefined : reportStop(fault, result);
  const execution = recordOf(run, outcome, {
    exchange: recorder?.exchange(),
    httpStatus: statusSent(run, problem, head),
    output,
    errorOutput,
  });
  parts.metrics.onRun(execution);
  parts.onRun?.(handler, execution);
  return { outcome, head, problem, execution, waitedMs };
}

interface Admission {
  readonly platform: Platform;
  readonly ticket: Ticket;
  readonly waitedMs: number;
  readonly errorOutput: BoundedBuffer;
}

function optionsOf(
  { id, handler, scriptName, remoteAddress, abort }: HandlerRun,
  { platform, ticket, waitedMs, errorOutput }: Admission,
): Parameters<typeof answer>[3] {
  return {
    platform,
    args: [`${handler.name}.wasm`],
    env: handler.env,
    trace: handler.keepsTrace,
    scriptName,
    remoteAddress,
    handlerId: handler.name,
    runId: id,
    stderr: errorOutput.take,
    limits: limitsFor(handler, waitedMs),
    turn: ticket.turn,
    grow: ticket.grow,
    abort,
    ...(handler.policy === undefined ? {} : { policy: handler.policy }),
  };
}

/** Status of the reply or, since the caller of a synchronous run gets one, of the problem. */
function statusSent(
  { mode }: HandlerRun,
  problem: ProblemError | undefined,
  head: ReplyHead | undefined,
): number | null {
  if (mode === 'sync' && problem !== undefined) return problem.status;
  return head?.status ?? null;
}
