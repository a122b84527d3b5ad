/** Accepts an asynchronous call: stores and queues it, then answers 202 with the address of the execution. */
import { randomUUIDv7 } from 'node:crypto';
import { isIP } from 'node:net';
import { countOpenCalls, insertCall } from '../../db/runs/calls.ts';
import type { Database } from '../../db/connection/database.ts';
import { writeExecutions } from '../../db/runs/executions.ts';
import { invalidField, ProblemError } from '../../problems/problems.ts';
import { isPreflight, prefersAsync, sendPreflight } from '../http/conventions.ts';
import { callerOf, isLocal } from '../quotas/callers.ts';
import { isReachable } from '../egress/addresses.ts';
import type { FoundHandler } from '../handlers/handler.ts';
import type { CallReply, CallRequest } from '../http/exchange.ts';
import { EXECUTION_HEADER } from '../http/send-run-problem.ts';
import type { OwnerCheck } from '../../auth/owner-check.ts';
import type { Quotas } from '../quotas/quotas.ts';
import type { Target } from '../http/target.ts';
import { emptyExecution } from '../runs/record.ts';
import { Bodies } from './body.ts';
import { digestRequest, readKey } from './idempotency.ts';
import type { QueuedCall } from './queue.ts';
import { addressOf, pairs, urlOf } from '../http/request.ts';

/** Open calls per owner, whoever sent them: their bodies are stored. */
const MAX_OPEN = 1000;
/** Of those, open calls from one address, so that one caller cannot take all of them. */
const MAX_OPEN_OF_CALLER = 100;
const URL_CHARACTERS = 2000;

/** Stores an asynchronous call and answers 202. */
export type AcceptCall = (
  handler: FoundHandler,
  target: Target,
  request: CallRequest,
  response: CallReply,
) => Promise<void>;

export interface AcceptOptions {
  readonly db: Database;
  readonly quotas: Quotas;
  readonly owners: OwnerCheck;
  readonly runOrigin: string;
  readonly trustProxy: boolean;
  /** Origins that callbacks may go to even if their addresses are private. */
  readonly allowedOrigins?: readonly string[];
  /** Queues the call. If that fails, a later sweep queues it. */
  readonly send: (call: QueuedCall) => Promise<void>;
}

export function acceptCalls(options: AcceptOptions): AcceptCall {
  const bodies = new Bodies();
  return async (handler, target, request, response) => {
    // A preflight never reaches the guest, which has not been started.
    if (isPreflight(request)) return sendPreflight(request, response);
    const { db, quotas, runOrigin, send } = options;
    const callbackUrl = readCallbackUrl(request, options.allowedOrigins ?? []);
    const idempotencyKey = readKey(request);
    const url = urlOf(request, target);
    const remoteAddress = addressOf(request, options.trustProxy);
    const caller = callerOf(remoteAddress);
    const isOwner = (): Promise<boolean> =>
      options.owners.isOwner(request.headers.authorization, handler.ownerId, 'handlers:call');
    const { method = 'GET' } = request;
    const path = request.url ?? '/';
    const id = randomUUIDv7();
    // The daily quota is charged now; the concurrency quota when the call runs.
    await quotas.promise(handler, { address: remoteAddress, isOwner });
    let isCharged = false;
    try {
      await requireRoom(
        db,
        { ownerId: handler.ownerId, caller },
        async () => isLocal(remoteAddress) || (await isOwner()),
      );
      const { call, requestDigest } = await bodies.using(request, async (body) => {
        const digest = digestRequest(request, body);
        const queued = emptyExecution(
          {
            id,
            handler,
            mode: 'async',
            callId: id,
            attempt: 1,
            method,
            path,
            startedAt: new Date(),
          },
          'queued',
        );
        const stored = await db.transaction(async (tx) => {
          const inserted = await insertCall(tx, {
            id,
            handlerId: handler.id,
            handlerName: handler.name,
            ownerId: handler.ownerId,
            isPrivate: handler.isPrivate,
            method,
            url,
            scriptName: target.scriptName,
            headers: keptHeaders(request),
            body,
            remoteAddress,
            caller,
            idempotencyKey,
            requestDigest: digest,
            callbackUrl,
          });
          if (inserted.isNew) await writeExecutions(tx, [queued]);
          return inserted;
        });
        return { call: stored, requestDigest: digest };
      });
      if (!requestDigest.equals(call.requestDigest)) {
        throw new ProblemError(
          'key-used-otherwise',
          'This Idempotency-Key was sent with another request. Use a new key for a new call.',
        );
      }
      isCharged = call.isNew;
      if (call.isNew) await send({ id: call.id, ownerId: handler.ownerId }).catch(() => undefined);
      answerAccepted(request, response, call.id, `${runOrigin}/executions/${call.id}`);
    } finally {
      if (!isCharged) quotas.giveBack(handler);
    }
  };
}

async function requireRoom(
  db: Database,
  who: { readonly ownerId: string; readonly caller: string },
  isExempt: () => Promise<boolean>,
): Promise<void> {
  const open = await countOpenCalls(db, who, MAX_OPEN);
  if (open.all < MAX_OPEN) {
    if (open.ofCaller < MAX_OPEN_OF_CALLER || (await isExempt())) return;
    throw new ProblemError(
      'quota-reached',
      `${MAX_OPEN_OF_CALLER} asynchronous calls of yours to the owner’s handlers wait or run, and one caller may have no more. Try again when some of them have ended, or send the owner’s token.`,
      { headers: { 'retry-after': '10' } },
    );
  }
  throw new ProblemError(
    'quota-reached',
    `${MAX_OPEN} asynchronous calls to the owner’s handlers wait or run, and no more may. Try again when some of them have ended.`,
    { headers: { 'retry-after': '10' } },
  );
}

function answerAccepted(
  request: CallRequest,
  response: CallReply,
  id: string,
  location: string,
): void {
  const body = `${JSON.stringify({ id, status: 'queued', url: location })}\n`;
  const headers: Record<string, string> = {
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    'Cache-Control': 'no-store',
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': '*',
    'Retry-After': '1',
    Location: location,
    [EXECUTION_HEADER]: id,
    ...(prefersAsync(request) ? { 'Preference-Applied': 'respond-async' } : {}),
  };
  response.writeHead(202, undefined, Object.entries(headers).flat());
  response.end(body, 'utf8');
}

/** Credentials are checked here and not stored. */
const NOT_KEPT = new Set(['authorization', 'proxy-authorization', 'prefer', 'x-callback-url']);

function keptHeaders(request: CallRequest): [string, string][] {
  return Array.from(pairs(request.rawHeaders)).filter(
    ([name]) => !NOT_KEPT.has(name.toLowerCase()),
  );
}

function readCallbackUrl(request: CallRequest, allowed: readonly string[]): string | null {
  const given = request.headers['x-callback-url'];
  if (given === undefined) return null;
  const text = Array.isArray(given) ? given.join(',') : given;
  const url = URL.parse(text);
  const what = 'an http or https URL of the public Internet, without user and password';
  if (url === null || text.length > URL_CHARACTERS || !/^https?:$/.test(url.protocol)) {
    throw invalidField('header/X-Callback-Url', 'no such URL', what);
  }
  if (allowed.includes(url.origin)) return url.href;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const isForeign = isIP(host) !== 0 && !isReachable(host);
  if (url.username !== '' || url.password !== '' || isForeign) {
    throw invalidField('header/X-Callback-Url', 'a URL with a user, or of a private address', what);
  }
  // Host names are resolved when the callback is sent.
  return url.href;
}
