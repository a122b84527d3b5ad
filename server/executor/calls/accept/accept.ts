/** Accepts an asynchronous call: stores and queues it, then answers 202 with the address of the execution. */
import { randomUUIDv7 } from 'node:crypto';
import type { OwnerCheck } from '../../../auth/owner-check.ts';
import { callerOf, isLocal } from '../../../caller-address.ts';
import type { Database } from '../../../db/connection/database.ts';
import type { NewCall } from '../../../db/runs/calls.ts';
import { ProblemError } from '../../../problems/problems.ts';
import type { FoundHandler } from '../../handlers/handler.ts';
import { isPreflight, prefersAsync, sendPreflight } from '../../http/conventions.ts';
import type { CallResponse, CallRequest } from '../../http/exchange.ts';
import { addressOf, headersOf, urlOf } from '../../http/request.ts';
import { EXECUTION_HEADER } from '../../http/send-run-problem.ts';
import type { Target } from '../../http/target.ts';
import type { Quotas } from '../../quotas/quotas.ts';
import { Accepting } from './accepting.ts';
import { MAX_PATH_CHARACTERS } from '../../runs/record.ts';
import { Bodies } from './body.ts';
import { readCallbackUrl } from './callback-url.ts';
import { digestRequest, readKey } from './idempotency.ts';
import { insertIfRoom } from './open-calls.ts';
import type { QueuedCall } from '../queue/queue.ts';

/** Stores an asynchronous call and answers 202. */
export type AcceptCall = (
  handler: FoundHandler,
  target: Target,
  request: CallRequest,
  response: CallResponse,
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
  const { db, owners, quotas, runOrigin, send } = options;
  const bodies = new Bodies();
  const accepting = new Accepting();
  return async (handler, target, request, response) => {
    // A preflight never reaches the guest, which has not been started.
    if (isPreflight(request)) return sendPreflight(request, response);
    const call = readCall(options, handler, target, request);
    const { id, ownerId, caller, remoteAddress } = call;
    const isOwner = (): Promise<boolean> =>
      owners.isOwner(request.headers.authorization, ownerId, 'handlers:call');
    const isExempt = async (): Promise<boolean> => isLocal(remoteAddress) || (await isOwner());
    const received = accepting.begin({ ownerId, caller, isLocal: isLocal(remoteAddress) });
    let isToGiveBack = false;
    try {
      // The daily quota is charged now; the concurrency quota when the call runs.
      await quotas.charge(handler, { address: remoteAddress, isOwner });
      isToGiveBack = true;
      const stored = await bodies.using(request, (body) =>
        storeCall(db, handler, call, request, body, isExempt),
      );
      if (stored.isNew) {
        isToGiveBack = false;
        await send({ id, ownerId }).catch(() => undefined);
      }
      answerAccepted(request, response, stored.id, `${runOrigin}/executions/${stored.id}`);
    } finally {
      received();
      // The call was not new, or was refused.
      if (isToGiveBack) quotas.giveBack(handler);
    }
  };
}

/** A call before its body is read. */
interface IncomingCall extends Omit<NewCall, 'body' | 'requestDigest'> {
  /** The request target. */
  readonly path: string;
}

/** Throws the problem of an invalid header or address. */
function readCall(
  { allowedOrigins = [], trustProxy }: AcceptOptions,
  handler: FoundHandler,
  target: Target,
  request: CallRequest,
): IncomingCall {
  const callbackUrl = readCallbackUrl(request, allowedOrigins);
  const idempotencyKey = readKey(request);
  const url = urlOf(request, target);
  const remoteAddress = addressOf(request, trustProxy);
  return {
    id: randomUUIDv7(),
    handlerId: handler.id,
    handlerName: handler.name,
    ownerId: handler.ownerId,
    isPrivate: handler.isPrivate,
    method: request.method ?? 'GET',
    url,
    path: request.url ?? '/',
    scriptName: target.scriptName,
    headers: keptHeaders(request),
    remoteAddress,
    caller: callerOf(remoteAddress),
    idempotencyKey,
    callbackUrl,
  };
}

/**
 * Stores the call with its queued execution, or returns the earlier call with the same Idempotency-Key. Throws a
 * `key-used-otherwise` problem if that was another request, and a `quota-reached` problem if there is no room.
 * @param isExempt whether the limit per caller does not apply
 */
async function storeCall(
  db: Database,
  handler: FoundHandler,
  call: IncomingCall,
  request: CallRequest,
  body: Buffer,
  isExempt: () => Promise<boolean>,
): Promise<{ readonly id: string; readonly isNew: boolean }> {
  const requestDigest = digestRequest(request, body);
  const attempt = {
    versionId: handler.versionId,
    path: call.path.slice(0, MAX_PATH_CHARACTERS),
    startedAt: new Date(),
  };
  const stored = await insertIfRoom(db, { ...call, body, requestDigest }, attempt, isExempt);
  if (requestDigest.equals(stored.requestDigest)) return stored;
  throw new ProblemError(
    'key-used-otherwise',
    'This Idempotency-Key was sent with another request. Use a new key for a new call.',
  );
}

function answerAccepted(
  request: CallRequest,
  response: CallResponse,
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
  return Array.from(headersOf(request.rawHeaders)).filter(
    ([name]) => !NOT_KEPT.has(name.toLowerCase()),
  );
}
