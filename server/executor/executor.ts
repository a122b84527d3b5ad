/** Serves a request to a handler: finds the handler, checks who may call it, and runs, forwards or stores the call. */
import type { TokenUser } from '../auth/owner-check.ts';
import { ProblemError } from '../problems/problems.ts';
import { requireNoQuarantine } from '../problems/quarantine.ts';
import type { ProbationProcesses } from '../process/probation/processes.ts';
import type { AcceptCall } from './calls/accept/accept.ts';
import { absentHandler, isAbsent } from './handlers/absent.ts';
import type { FindHandler, FoundHandler, UntrustedHandler } from './handlers/handler.ts';
import { allowReading, isPreflight, prefersAsync, sendPreflight } from './http/conventions.ts';
import type { CallResponse, CallRequest } from './http/exchange.ts';
import { reportProblem } from './http/report-problem.ts';
import { addressOf } from './http/request.ts';
import type { Target } from './http/target.ts';
import { forwardCall } from './probation/forward.ts';
import { SyncCall, type SyncCallParts } from './runs/sync-call.ts';

export interface ExecutorParts extends SyncCallParts {
  readonly findHandler: FindHandler;
  /** Origins whose pages may read any response, such as the panel's. */
  readonly webOrigins: ReadonlySet<string>;
  /** Accepts asynchronous calls; undefined: they are refused. */
  readonly acceptCall: AcceptCall | undefined;
  /** Where versions on probation run; undefined: they are refused. */
  readonly probation?: ProbationProcesses | undefined;
}

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
  async answer(target: Target, request: CallRequest, response: CallResponse): Promise<void> {
    const arrivedAt = performance.now();
    try {
      if (this.#isDraining) response.setHeader('Connection', 'close');
      if (this.#isFromWebOrigin(request, response) && isPreflight(request)) {
        return sendPreflight(request, response);
      }
      if (request.method === 'TRACE') throw traceNotSupported();
      const identify = this.#identifierOf(request);
      const found = this.#parts.findHandler(target.name, async () => (await identify())?.id);
      this.#parts.metrics.onLookup(found instanceof Promise ? 'loaded' : 'known');
      const handler = found instanceof Promise ? await found : found;
      if (handler.isPrivate) this.#requireOwner(handler, await identify());
      const isAsync = handler.mode === 'async' || prefersAsync(request);
      await this.#serve(handler, target, request, response, isAsync, arrivedAt);
    } catch (error) {
      // Browsers send preflights without the token, so they are answered whether the handler exists or not.
      if (isAbsent(error) && isPreflight(request)) return sendPreflight(request, response);
      reportProblem(this.#parts, error, response);
    }
  }

  /** Runs a call forwarded by an executor process, which has already authorized it. Never rejects. */
  async answerForwarded(
    target: Target,
    request: CallRequest,
    response: CallResponse,
  ): Promise<void> {
    const arrivedAt = performance.now();
    try {
      const handler = await this.#parts.findHandler(target.name);
      await this.#serve(handler, target, request, response, false, arrivedAt);
    } catch (error) {
      reportProblem(this.#parts, error, response);
    }
  }

  #serve(
    handler: FoundHandler,
    target: Target,
    request: CallRequest,
    response: CallResponse,
    isAsync: boolean,
    arrivedAt: number,
  ): Promise<void> {
    if (handler.module === undefined) {
      return this.#serveUntrusted(handler, target, request, response, isAsync);
    }
    if (isAsync) return this.#accept(handler, target, request, response);
    return new SyncCall(this.#parts, handler, target, request, response, arrivedAt).serve();
  }

  async #serveUntrusted(
    handler: UntrustedHandler,
    target: Target,
    request: CallRequest,
    response: CallResponse,
    isAsync: boolean,
  ): Promise<void> {
    const isOwner = () => this.#isOwner(handler, request);
    await requireNoQuarantine(handler.version, handler.standing, isOwner);
    if (isAsync) await this.#accept(handler, target, request, response);
    else await this.#forward(handler, target, request, response);
  }

  /** Lets pages of the web origins read the response. Returns whether the request comes from one. */
  #isFromWebOrigin({ headers: { origin } }: CallRequest, response: CallResponse): boolean {
    if (origin === undefined || !this.#parts.webOrigins.has(origin)) return false;
    allowReading(origin, response);
    return true;
  }

  #accept(
    handler: FoundHandler,
    target: Target,
    request: CallRequest,
    response: CallResponse,
  ): Promise<void> {
    const { acceptCall } = this.#parts;
    if (acceptCall === undefined) {
      throw new ProblemError('unavailable', 'Asynchronous calls are not accepted at the moment.');
    }
    return acceptCall(handler, target, request, response);
  }

  #forward(
    handler: UntrustedHandler,
    target: Target,
    request: CallRequest,
    response: CallResponse,
  ): Promise<void> {
    const { probation, trustProxy } = this.#parts;
    if (probation === undefined) {
      throw new ProblemError('unavailable', 'Versions on probation cannot run at the moment.');
    }
    const remoteAddress = addressOf(request, trustProxy);
    return forwardCall(probation, { handler, target, request, response, remoteAddress });
  }

  /** Returns a function that identifies the caller on first use, and at most once. */
  #identifierOf({ headers }: CallRequest): () => Promise<TokenUser | undefined> {
    let found: Promise<TokenUser | undefined> | undefined;
    return () =>
      (found ??= this.#parts.owners?.identify(headers.authorization) ?? Promise.resolve(undefined));
  }

  #requireOwner(handler: FoundHandler, user: TokenUser | undefined): void {
    const { owners } = this.#parts;
    if (owners === undefined) throw absentHandler();
    owners.need(user, { ownerId: handler.ownerId, scope: 'handlers:call', absent: absentHandler });
  }

  /** Whether the caller may read why a version is in quarantine. */
  async #isOwner({ ownerId }: FoundHandler, { headers }: CallRequest): Promise<boolean> {
    const { owners } = this.#parts;
    return owners?.isOwner(headers.authorization, ownerId, 'executions:read') ?? false;
  }
}

function traceNotSupported(): ProblemError {
  return new ProblemError(
    'method-not-supported',
    'Handlers do not receive TRACE requests. Use another method.',
  );
}
