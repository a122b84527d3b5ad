/** `/executions/ID` of the run origin: an asynchronous call, readable by anyone who has its address. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { toProblem } from '../../problems/to-problem.ts';
import { cancelCall, findCall, type AsyncCall } from '../../db/runs/calls.ts';
import type { Database } from '../../db/connection/database.ts';
import { ProblemError } from '../../problems/problems.ts';
import type { OwnerCheck } from '../../auth/owner-check.ts';
import { sendRunProblem } from '../http/send-run-problem.ts';
import { viewCall } from './view.ts';

export interface CallPagesOptions {
  readonly db: Database;
  readonly owners: OwnerCheck;
  readonly runOrigin: string;
  readonly docsOrigin: string;
  readonly log: Logger;
  /** Cancels the call in the queue. */
  readonly cancel: (callId: string) => Promise<void>;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const CORS_HEADERS = {
  'cache-control': 'no-store',
  'access-control-allow-origin': '*',
  'access-control-expose-headers': '*',
};

export function addCallPages(app: FastifyInstance, options: CallPagesOptions): void {
  const { db, docsOrigin, runOrigin } = options;
  app.setErrorHandler((error, _request, reply) => {
    const problem = toProblem(error);
    if (problem === undefined) options.log.error({ err: error }, 'a page failed');
    reply.hijack();
    sendRunProblem(
      reply.raw,
      problem ??
        new ProblemError(
          'internal',
          'The server failed to answer. Try again. If it keeps failing, tell the operator.',
        ),
      docsOrigin,
    );
  });
  app.get('/executions/:id', async (request, reply) => {
    const call = await requireCall(options, request);
    const isOver = call.status !== 'queued' && call.status !== 'running';
    if (!isOver) reply.header('retry-after', '1');
    return reply.headers(CORS_HEADERS).send(await viewCall(db, call, runOrigin));
  });
  app.delete('/executions/:id', (request, reply) => cancelOne(options, request, reply));
  app.options('/executions/:id', async (_request, reply) =>
    reply
      .code(204)
      .headers({
        ...CORS_HEADERS,
        'access-control-allow-methods': 'GET, DELETE',
        'access-control-allow-headers': 'authorization',
      })
      .send(),
  );
}

async function cancelOne(
  options: CallPagesOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { db, cancel, runOrigin } = options;
  const call = await requireCall(options, request);
  if (!(await db.transaction((tx) => cancelCall(tx, call.id)))) {
    throw new ProblemError('execution-over', `The call has ended: ${call.status}.`);
  }
  await cancel(call.id).catch(() => undefined);
  const cancelled = (await findCall(db, call.id)) ?? call;
  return reply.headers(CORS_HEADERS).send(await viewCall(db, cancelled, runOrigin));
}

/**
 * The address alone gives access to a call of a public handler; for a private handler the owner's token is required
 * too.
 */
async function requireCall(options: CallPagesOptions, request: FastifyRequest): Promise<AsyncCall> {
  const { params } = request;
  const id =
    typeof params === 'object' && params !== null && 'id' in params ? String(params.id) : '';
  const call = UUID.test(id) ? await findCall(options.db, id) : undefined;
  // Identified for every id, so that timing does not reveal whether a private call exists.
  const user = await options.owners.identify(request.headers.authorization);
  if (call === undefined) throw noSuchCall();
  if (call.isPrivate) {
    options.owners.need(user, {
      ownerId: call.ownerId,
      scope: 'handlers:call',
      absent: noSuchCall,
    });
  }
  return call;
}

function noSuchCall(): ProblemError {
  return new ProblemError(
    'no-such-execution',
    'There is no asynchronous call with this id, or its handler is private: the owner sends Authorization: Bearer TOKEN.',
  );
}
