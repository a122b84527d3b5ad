/** Serves one call of a handler, from the request to the last byte of the response and the execution record. */
import { randomUUIDv7 } from 'node:crypto';
import type { Logger } from 'pino';
import { answer, Stop, type CgiOutcome, type Platform, type Scheduler } from '../../olin/index.ts';
import type { Scope } from '../auth/scopes.ts';
import { toProblem } from '../problems/to-problem.ts';
import type { NewExecution } from '../db/runs/executions.ts';
import { ProblemError } from '../problems/problems.ts';
import { quarantineProblem } from '../problems/quarantine.ts';
import { allowReading, isPreflight, prefersAsync, sendPreflight } from './http/conventions.ts';
import { absentHandler } from './handlers/absent.ts';
import type {
  FindHandler,
  FoundHandler,
  LoadedHandler,
  UntrustedHandler,
} from './handlers/handler.ts';
import { endWatch, watchHangUp } from './http/hang-ups.ts';
import type { CallReply, CallRequest } from './http/exchange.ts';
import type { Journal } from './journal/journal.ts';
import { ExchangeRecorder } from './runs/exchange-recorder.ts';
import type { ExecutorMetrics } from './metrics/metrics.ts';
import type { OwnerCheck, TokenUser } from '../auth/owner-check.ts';
import { sendRunProblem } from './http/send-run-problem.ts';
import type { ActiveRuns } from '../process/probation/active-runs.ts';
import { forwardCall } from './probation/forward.ts';
import type { ProbationProcesses } from '../process/probation/processes.ts';
import type { Quotas } from './quotas/quotas.ts';
import { BoundedBuffer, recordOf, writeLine } from './runs/record.ts';
import { breakOff, ReplyWriter } from './http/reply.ts';
import { addressOf, bodyOf, pairs, urlOf } from './http/request.ts';
import { admit, limitsFor, reportStop } from './runs/start.ts';
import type { Addresses, Target } from './http/target.ts';

export interface ExecutorParts {
  readonly addresses: Addresses;
  readonly findHandler: FindHandler;
  /** The platform for one handler's guests: it names the handler in their requests. */
  readonly platformFor: (handler: LoadedHandler) => Platform;
  readonly scheduler: Scheduler;
  readonly quotas: Quotas;
  readonly metrics: ExecutorMetrics;
  readonly log: Logger;
  readonly docsOrigin: string;
  readonly trustProxy: boolean;
  /** Origins whose pages may read any response, such as the panel's. */
  readonly webOrigins: ReadonlySet<string>;
  /** Undefined: runs are not recorded. */
  readonly journal: Journal | undefined;
  /** Undefined: there are no owners, and private handlers answer nobody. */
  readonly owners: OwnerCheck | undefined;
  /** Accepts asynchronous calls; undefined: they are refused. */
  readonly acceptCall: AcceptCall | undefined;
  /** Where versions on probation run; undefined: they are refused. */
  readonly probation?: ProbationProcesses | undefined;
  /** Records on disk which modules have runs in this process, for use after a crash. */
  readonly activeRuns?: ActiveRuns | undefined;
  /** Called with each finished run. */
  readonly onRun?: ((handler: LoadedHandler, run: NewExecution) => void) | undefined;
}

/** Stores an asynchronous call and answers 202. */
export type AcceptCall = (
  handler: FoundHandler,
  target: Target,
  request: CallRequest,
  response: CallReply,
) => Promise<void>;

export class Executor {
  readonly #parts: ExecutorParts;
  #isDraining = false;

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
  }

  /** From now on every response closes its connection. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Answers a request to a handler. Never rejects. */
  async answer(target: Target, request: CallRequest, response: CallReply): Promise<void> {
    const arrivedAt = performance.now();
    try {
      if (this.#isDraining) response.setHeader('Connection', 'close');
      const { findHandler, metrics, webOrigins } = this.#parts;
      const { origin } = request.headers;
      if (origin !== undefined && webOrigins.has(origin)) {
        allowReading(origin, response);
        if (isPreflight(request)) return sendPreflight(request, response);
      }
      if (request.method === 'TRACE') {
        throw new ProblemError(
          'method-not-supported',
          'Handlers are not given TRACE requests. Use another method.',
        );
      }
      const identify = this.#identifierOf(request);
      const found = findHandler(target.name, async () => (await identify())?.id);
      metrics.onLookup(found instanceof Promise ? 'loaded' : 'known');
      const handler = found instanceof Promise ? await found : found;
      if (handler.isPrivate) this.#requireOwner(handler, await identify());
      if (handler.module === undefined) await this.#requireNoQuarantine(handler, request);
      if (handler.mode === 'async' || prefersAsync(request)) {
        const { acceptCall } = this.#parts;
        if (acceptCall === undefined) {
          throw new ProblemError('unavailable', 'Asynchronous calls are not taken here for now.');
        }
        await acceptCall(handler, target, request, response);
        return;
      }
      if (handler.module === undefined) await this.#forward(handler, target, request, response);
      else await this.#call(handler, target, request, response, arrivedAt);
    } catch (error) {
      // Browsers send preflights without the token, so they are answered whether the handler exists or not.
      if (isAbsent(error) && isPreflight(request)) return sendPreflight(request, response);
      this.#reportProblem(error, response);
    }
  }

  /** Runs a call forwarded by a guest process, which has already authorized it. Never rejects. */
  async answerForwarded(target: Target, request: CallRequest, response: CallReply): Promise<void> {
    const arrivedAt = performance.now();
    try {
      const handler = await this.#parts.findHandler(target.name);
      if (handler.module === undefined) {
        await this.#requireNoQuarantine(handler, request);
        throw new ProblemError(
          'unavailable',
          'The handler cannot be run now. Try again in a moment.',
        );
      }
      await this.#call(handler, target, request, response, arrivedAt);
    } catch (error) {
      this.#reportProblem(error, response);
    }
  }

  async #call(
    handler: LoadedHandler,
    target: Target,
    request: CallRequest,
    response: CallReply,
    /** Start of the run's deadline, which includes loading the handler. */
    arrivedAt: number,
  ): Promise<void> {
    const { scheduler, quotas, journal, activeRuns } = this.#parts;
    if (journal?.isFull === true) {
      throw new ProblemError(
        'executor-full',
        'So many runs wait to be written down that no more are taken. Try again in a moment.',
        { headers: { 'retry-after': '5' } },
      );
    }
    const startedAt = new Date();
    const id = randomUUIDv7();
    const url = urlOf(request, target);
    const address = addressOf(request, this.#parts.trustProxy);
    const pending = quotas.take(handler, {
      address,
      isOwner: () => this.#isOwner(handler, request, 'handlers:call'),
    });
    const permit = pending instanceof Promise ? await pending : pending;
    let hasBegun = false;
    let slot: number | undefined;
    const abort = new Stop();
    const recorder = handler.keepsTrace
      ? new ExchangeRecorder(pairs(request.rawHeaders))
      : undefined;
    const { socket } = request;
    watchHangUp(socket, abort);
    try {
      const restMs = handler.limits.wallMs - (performance.now() - arrivedAt);
      const admitted = admit(scheduler, handler, restMs, abort);
      const ticket = admitted instanceof Promise ? await admitted : admitted;
      hasBegun = true;
      const writer = new ReplyWriter(response, id);
      const output = new BoundedBuffer();
      const errorOutput = new BoundedBuffer();
      const waitedMs = performance.now() - arrivedAt;
      let answered: CgiOutcome;
      const active = activeRuns?.begin(handler.ownerId, handler.module.digest);
      const { method = 'GET', url: path = '/' } = request;
      slot = journal?.openRuns.begin({ id, handler, startedAt, method, path });
      try {
        answered = await answer(
          handler.module,
          {
            method: request.method ?? 'GET',
            url,
            headers: pairs(request.rawHeaders),
            body: bodyOf(request, recorder?.takeBody),
          },
          {
            onHead(head) {
              writer.onHead(head);
              recorder?.takeHead(head);
            },
            onBody(chunk) {
              output.take(chunk);
              return writer.onBody(chunk);
            },
          },
          {
            platform: this.#parts.platformFor(handler),
            args: [`${handler.name}.wasm`],
            env: handler.env,
            trace: handler.keepsTrace,
            scriptName: target.scriptName,
            remoteAddress: address,
            handlerId: handler.name,
            runId: id,
            stderr: errorOutput.take,
            limits: limitsFor(handler, waitedMs),
            turn: ticket.turn,
            grow: ticket.grow,
            abort,
            ...(handler.policy === undefined ? {} : { policy: handler.policy }),
          },
        );
      } finally {
        ticket.release();
        active?.end();
      }
      writer.hold();
      const { fault, broken, result } = answered;
      const problem = fault === undefined ? undefined : reportStop(fault, result);
      const run = recordOf(
        {
          id,
          handler,
          mode: 'sync',
          callId: id,
          attempt: 1,
          method: request.method ?? 'GET',
          path: request.url ?? '/',
          startedAt,
        },
        answered,
        {
          exchange: recorder?.exchange(),
          httpStatus: problem?.status ?? writer.status ?? null,
          output,
          errorOutput,
        },
      );
      this.#parts.metrics.onRun(run);
      this.#parts.onRun?.(handler, run);
      await journal?.append(writeLine(run));
      if (problem === undefined && broken === undefined) {
        const timing = `queue;dur=${waitedMs.toFixed(2)}, run;dur=${run.wallMs.toFixed(2)}`;
        writer.finish({ gas: run.gas, timing });
      } else if (!writer.breakOff()) {
        const failure = problem ?? new ProblemError('handler-failed', broken ?? '');
        sendRunProblem(response, failure, this.#parts.docsOrigin, {
          executionId: id,
          gas: run.gas,
          // For an invalid reply the executor stopped the guest itself, so the trap adds nothing.
          ...(fault?.code === 'bad-reply' ? {} : { trap: result.trap }),
          reason: fault?.code === 'trap' ? result.trap?.code : fault?.code,
          isOwner: await this.#isOwner(handler, request, 'executions:read'),
        });
      }
    } catch (error) {
      this.#reportProblem(error, response, id);
    } finally {
      endWatch(socket, abort);
      if (slot !== undefined) journal?.openRuns.end(slot);
      if (!hasBegun) permit.giveBack();
      permit.end();
    }
  }

  /** Returns a function that identifies the caller on first use, and at most once. */
  #identifierOf({ headers }: CallRequest): () => Promise<TokenUser | undefined> {
    let found: Promise<TokenUser | undefined> | undefined;
    return () =>
      (found ??= this.#parts.owners?.identify(headers.authorization) ?? Promise.resolve(undefined));
  }

  async #requireNoQuarantine(handler: UntrustedHandler, request: CallRequest): Promise<void> {
    const { standing, version } = handler;
    if (standing.state !== 'quarantined') return;
    throw quarantineProblem(
      version,
      standing,
      await this.#isOwner(handler, request, 'executions:read'),
    );
  }

  #forward(
    handler: UntrustedHandler,
    target: Target,
    request: CallRequest,
    reply: CallReply,
  ): Promise<void> {
    const { probation, trustProxy } = this.#parts;
    if (probation === undefined) {
      throw new ProblemError('unavailable', 'Versions on probation do not run here for now.');
    }
    const remoteAddress = addressOf(request, trustProxy);
    return forwardCall(probation, { handler, target, request, reply, remoteAddress });
  }

  #requireOwner(handler: FoundHandler, user: TokenUser | undefined): void {
    const { owners } = this.#parts;
    if (owners === undefined) throw absentHandler();
    owners.need(user, { ownerId: handler.ownerId, scope: 'handlers:call', absent: absentHandler });
  }

  async #isOwner(handler: FoundHandler, request: CallRequest, scope: Scope): Promise<boolean> {
    const { authorization } = request.headers;
    const { owners } = this.#parts;
    return owners?.isOwner(authorization, handler.ownerId, scope) ?? false;
  }

  /** Never throws: an uncaught error here would end the process. */
  #reportProblem(error: unknown, response: CallReply, executionId?: string): void {
    try {
      this.#sendProblem(error, response, executionId);
    } catch (failure) {
      this.#parts.log.error({ err: failure, executionId }, 'a problem could not be sent');
      response.destroy();
    }
  }

  #sendProblem(error: unknown, response: CallReply, executionId?: string): void {
    const { metrics, log, docsOrigin } = this.#parts;
    if (!(error instanceof ProblemError)) log.error({ err: error, executionId }, 'a call failed');
    // An unreachable database is not a defect: the caller gets a 503 with Retry-After.
    const problem =
      toProblem(error) ??
      new ProblemError(
        'internal',
        'The server failed to run the handler. Try again; if it stays so, tell its operator.',
      );
    metrics.onRefused(problem.code);
    if (response.headersSent) {
      breakOff(response);
      return;
    }
    const run = executionId === undefined ? undefined : { executionId, isOwner: false };
    sendRunProblem(response, problem, docsOrigin, run);
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof ProblemError && error.code === 'no-such-handler';
}
