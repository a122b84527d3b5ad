/** Serves a synchronous call: charges the run, runs the handler, records the run, and completes the reply. */
import { randomUUIDv7 } from 'node:crypto';
import { Stop, type CgiExchange } from '../../../olin/index.ts';
import type { OwnerCheck } from '../../auth/owner-check.ts';
import type { Scope } from '../../auth/scopes.ts';
import { ProblemError } from '../../problems/problems.ts';
import type { LoadedHandler } from '../handlers/handler.ts';
import type { CallResponse, CallRequest } from '../http/exchange.ts';
import { endWatch, watchHangUp } from '../http/hang-ups.ts';
import { ReplyWriter } from '../http/reply.ts';
import { reportProblem, type ReportParts } from '../http/report-problem.ts';
import { bodyStream } from '../../../olin/platform/node-http.ts';
import { addressOf, headersOf, urlOf } from '../http/request.ts';
import { sendRunProblem } from '../http/send-run-problem.ts';
import type { Target } from '../http/target.ts';
import type { Journal } from '../journal/journal.ts';
import { writeLine } from '../journal/line.ts';
import type { Quotas, RunPermit } from '../quotas/quotas.ts';
import { OUTPUT_BYTES } from './bounded-buffer.ts';
import { ExchangeRecorder } from './exchange-recorder.ts';
import type { OpenSlot } from './open-runs.ts';
import {
  runHandler,
  type HandlerOutcome,
  type HandlerRun,
  type RunHandlerParts,
} from './run-handler.ts';

export interface SyncCallParts extends RunHandlerParts, ReportParts {
  readonly quotas: Quotas;
  readonly trustProxy: boolean;
  /** Undefined: runs are not recorded. */
  readonly journal: Journal | undefined;
  /** Undefined: there are no owners, and private handlers respond to nobody. */
  readonly owners: OwnerCheck | undefined;
}

/** One object per call: its fields are those of the run, so that no part of the path copies them. */
export class SyncCall implements HandlerRun {
  readonly id: string;
  readonly callId: string;
  readonly mode = 'sync';
  readonly attempt = 1;
  readonly handler: LoadedHandler;
  readonly method: string;
  readonly path: string;
  readonly scriptName: string;
  readonly remoteAddress: string;
  readonly arrivedAt: number;
  readonly startedAt = new Date();
  readonly abort = new Stop();
  readonly outputBytes = OUTPUT_BYTES;
  readonly recorder: ExchangeRecorder | undefined;
  readonly reply: ReplyWriter;
  readonly #parts: SyncCallParts;
  readonly #request: CallRequest;
  readonly #response: CallResponse;
  readonly #url: string;
  /** The run's slot among the open runs, once it is admitted. */
  #slot: OpenSlot | undefined;
  #isAdmitted = false;

  /**
   * Throws an `executor-full` or `unreadable-address` problem.
   * @param arrivedAt start of the run's deadline, which includes loading the handler
   */
  constructor(
    parts: SyncCallParts,
    handler: LoadedHandler,
    target: Target,
    request: CallRequest,
    response: CallResponse,
    arrivedAt: number,
  ) {
    requireRoom(parts.journal);
    this.#url = urlOf(request, target);
    this.#parts = parts;
    this.#request = request;
    this.#response = response;
    this.id = this.callId = randomUUIDv7();
    this.handler = handler;
    this.method = request.method ?? 'GET';
    this.path = request.url ?? '/';
    this.scriptName = target.scriptName;
    this.remoteAddress = addressOf(request, parts.trustProxy);
    this.arrivedAt = arrivedAt;
    this.recorder = handler.keepsTrace
      ? new ExchangeRecorder(headersOf(request.rawHeaders))
      : undefined;
    this.reply = new ReplyWriter(response, this.id);
  }

  /** Rejects with a problem if the run is not charged. Problems of a charged run are sent with the run's id. */
  async serve(): Promise<void> {
    const pending = this.#parts.quotas.take(this.handler, {
      address: this.remoteAddress,
      isOwner: () => this.#isOwner('handlers:call'),
    });
    const permit = pending instanceof Promise ? await pending : pending;
    watchHangUp(this.#request.socket, this.abort);
    try {
      const ended = await runHandler(this.#parts, this);
      this.reply.hold();
      await this.#parts.journal?.append(writeLine(ended.execution));
      if (ended.problem === undefined && ended.outcome.broken === undefined) this.#finish(ended);
      else if (!this.reply.breakOff()) await this.#sendFailure(ended);
    } catch (error) {
      reportProblem(this.#parts, error, this.#response, this.id);
    } finally {
      this.#end(permit);
    }
  }

  onAdmitted(): Promise<void> | undefined {
    this.#isAdmitted = true;
    this.#slot = this.#parts.journal?.openRuns.begin(this);
    return this.#slot?.written;
  }

  toExchange(): CgiExchange {
    return {
      method: this.method,
      url: this.#url,
      headers: headersOf(this.#request.rawHeaders),
      body: bodyStream(this.#request, this.recorder?.takeBody),
    };
  }

  #finish({ execution: { gas, wallMs }, waitedMs }: HandlerOutcome): void {
    const timing = `queue;dur=${waitedMs.toFixed(2)}, run;dur=${wallMs.toFixed(2)}`;
    this.reply.finish({ gas, timing });
  }

  /** Sends the problem of a run whose reply did not start. */
  async #sendFailure({ problem, outcome, execution }: HandlerOutcome): Promise<void> {
    const { broken, fault, result } = outcome;
    const failure = problem ?? new ProblemError('handler-failed', broken ?? '');
    sendRunProblem(this.#response, failure, this.#parts.docsOrigin, {
      executionId: this.id,
      gas: execution.gas,
      // For an invalid reply the executor stopped the guest itself, so the trap adds nothing.
      ...(fault?.code === 'bad-reply' ? {} : { trap: result.trap }),
      reason: fault?.code === 'trap' ? result.trap?.code : fault?.code,
      isOwner: await this.#isOwner('executions:read'),
    });
  }

  #end(permit: RunPermit): void {
    endWatch(this.#request.socket, this.abort);
    if (this.#slot !== undefined) this.#parts.journal?.openRuns.end(this.#slot.number);
    if (!this.#isAdmitted) permit.giveBack();
    permit.end();
  }

  async #isOwner(scope: Scope): Promise<boolean> {
    const { authorization } = this.#request.headers;
    const { owners } = this.#parts;
    return owners?.isOwner(authorization, this.handler.ownerId, scope) ?? false;
  }
}

function requireRoom(journal: Journal | undefined): void {
  if (journal?.isFull !== true) return;
  throw new ProblemError(
    'executor-full',
    'Too many runs wait to be recorded, so no more are accepted. Try again in a moment.',
    { headers: { 'retry-after': '5' } },
  );
}
