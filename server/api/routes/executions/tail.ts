import type { FastifyReply, FastifyRequest } from 'fastify';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Type } from 'typebox';
import {
  isSearch,
  readTail,
  tailEnd,
  type ExecutionFilter,
  type TailedExecution,
  type TailPosition,
} from '../../../db/runs/execution-reads.ts';
import { ProblemError } from '../../../problems/problems.ts';
import { findCaller, checkNeed } from '../../auth/caller.ts';
import { closed, userRoute } from '../../route.ts';
import type { Services } from '../../services.ts';
import { TAILS_PER_USER } from '../../reads/tail.ts';
import { EXECUTIONS, filterFields, toFilter, viewExecution } from './resource.ts';

/** Rows of one read. */
const BATCH = 100;
/** A comment is sent so often, which keeps proxies from closing, and finds out who is gone. */
const HEARTBEAT_MS = 15_000;
/** Whoever reads nothing for so long is gone. */
const STALLED_MS = 60_000;

const NEED = { scope: 'executions:read' } as const;

export const route = userRoute({
  method: 'GET',
  path: '/api/executions/tail',
  resource: EXECUTIONS,
  summary: 'Follow executions as they are written',
  description:
    'Server-sent events, one `execution` each. After a break, `Last-Event-ID` goes on where it was and misses none. Ends when the token is revoked or the server stops; connect again.',
  user: NEED,
  query: closed(filterFields),
  headers: closed({
    'last-event-id': Type.Optional(
      Type.String({ description: 'The `id` of the last event. Any other text counts as none.' }),
    ),
  }),
  success: { status: 200, description: 'A stream of events.', contentType: 'text/event-stream' },
  problems: ['not-found'],
  async handle({ user, query, headers, services, request, reply }) {
    const leave = services.tails.enter(user.id);
    if (leave === undefined) {
      throw new ProblemError(
        'too-many-requests',
        `You have ${TAILS_PER_USER} tails open. Close one first.`,
        { headers: { 'retry-after': '5' } },
      );
    }
    try {
      const filter = await toFilter(services.db, user, query);
      const place = readPlace(headers['last-event-id']) ?? (await tailEnd(services.db));
      await stream(services, request, reply, { userId: user.id, filter, place });
    } finally {
      leave();
    }
    return reply;
  },
});

interface Tail {
  readonly userId: string;
  readonly filter: ExecutionFilter;
  /** Where it begins. */
  readonly place: TailPosition;
}

/** Until the reader is gone or stalls, the user may no longer read, or the server stops. */
async function stream(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  tail: Tail,
): Promise<void> {
  const { db, tails, heavyReads, ending, log } = services;
  const { userId, filter } = tail;
  let { place } = tail;
  const { raw } = reply;
  const gone = new AbortController();
  const signal = AbortSignal.any([gone.signal, ending.signal]);
  raw.once('close', () => gone.abort());
  reply.hijack();
  raw.writeHead(200, {
    ...toStrings(reply.getHeaders()),
    'content-type': 'text/event-stream; charset=utf-8',
    // nginx would collect the events.
    'x-accel-buffering': 'no',
  });
  const heartbeat = setInterval(() => {
    findCaller(services, request)
      .then((caller) => checkNeed(caller, NEED))
      .then(
        // The id moves on where nothing matches too: who comes back does not read all that again.
        () => raw.writableNeedDrain || raw.write(`: still here\nid: ${placeText(place)}\n\n`),
        () => gone.abort(),
      );
  }, HEARTBEAT_MS);
  try {
    await send(raw, `retry: 2000\nid: ${placeText(place)}\nevent: ready\ndata: {}\n\n`, signal);
    await tails.follow(userId, signal, async () => {
      for (;;) {
        const before = await tailEnd(db);
        const read = (): Promise<TailedExecution[]> =>
          readTail(db, filter, { after: place, before, limit: BATCH });
        const rows = await (isSearch(filter) ? heavyReads.run(userId, read) : read());
        for (const row of rows) {
          place = { writtenBy: row.writtenBy, id: row.id };
          const data = JSON.stringify(viewExecution(row));
          await send(raw, `id: ${placeText(place)}\nevent: execution\ndata: ${data}\n\n`, signal);
          if (signal.aborted) return;
        }
        if (rows.length < BATCH) {
          // All up to there was looked at, whether it matched or not: it is not read again.
          place = before;
          return;
        }
      }
    });
    raw.end();
  } catch (error) {
    if (!signal.aborted) log.warn({ err: error }, 'a tail ended');
    // Whoever reads nothing does not hear an orderly end either.
    raw.destroy();
  } finally {
    clearInterval(heartbeat);
  }
}

/** Waits where the reader is slow, so that no more than one batch is in memory. */
async function send(raw: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted || raw.write(text)) return;
  await once(raw, 'drain', { signal: AbortSignal.any([signal, AbortSignal.timeout(STALLED_MS)]) });
}

function placeText({ writtenBy, id }: TailPosition): string {
  return `${writtenBy}_${id}`;
}

/** Undefined for what was never an id of ours. */
function readPlace(text = ''): TailPosition | undefined {
  const found = /^(\d{1,19})_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(text);
  const [, writtenBy, id] = found ?? [];
  return writtenBy === undefined || id === undefined ? undefined : { writtenBy, id };
}

function toStrings(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
