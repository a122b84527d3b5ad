import type { FastifyReply, FastifyRequest } from 'fastify';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Type } from 'typebox';
import type { ExecutionFilter } from '../../../db/runs/execution-reads.ts';
import { isSearch } from '../../../db/runs/execution-search.ts';
import {
  readTail,
  tailEnd,
  type TailPosition,
  type TailRead,
} from '../../../db/runs/execution-tail.ts';
import { ProblemError } from '../../../problems/problems.ts';
import { findCaller, checkNeed } from '../../auth/caller.ts';
import { closed, userRoute } from '../../route.ts';
import type { Services } from '../../services.ts';
import { TAILS_PER_USER } from '../../reads/tail.ts';
import { EXECUTIONS, filterFields, toFilter, viewExecution } from './resource.ts';

/** Maximum number of rows per read. */
const BATCH = 100;
/** Interval of comments, which keep proxies from closing the connection and detect readers that are gone. */
const HEARTBEAT_MS = 15_000;
/** A reader that does not read for this long is disconnected. */
const STALLED_MS = 60_000;

const NEED = { scope: 'executions:read' } as const;

export const route = userRoute({
  method: 'GET',
  path: '/api/executions/tail',
  resource: EXECUTIONS,
  summary: 'Follow new executions',
  description:
    'Server-sent events, one `execution` each. After a lost connection, `Last-Event-ID` continues at the same position without missing any. The stream ends when the token is revoked or the server stops; reconnect then.',
  user: NEED,
  query: closed(filterFields),
  headers: closed({
    'last-event-id': Type.Optional(
      Type.String({ description: 'The `id` of the last event. Any other text is ignored.' }),
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
      const position = parsePosition(headers['last-event-id']) ?? (await tailEnd(services.db));
      await stream(services, request, reply, { userId: user.id, filter, position });
    } finally {
      leave();
    }
    return reply;
  },
});

interface TailRequest {
  readonly userId: string;
  readonly filter: ExecutionFilter;
  /** The position to start after. */
  readonly position: TailPosition;
}

/** Streams until the reader disconnects or stalls, the user loses access, or the server stops. */
async function stream(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  tail: TailRequest,
): Promise<void> {
  const { db, tails, heavyReads, ending, log } = services;
  const { userId, filter } = tail;
  let { position } = tail;
  const { raw } = reply;
  const gone = new AbortController();
  const signal = AbortSignal.any([gone.signal, ending.signal]);
  raw.once('close', () => gone.abort());
  reply.hijack();
  raw.writeHead(200, {
    ...toStrings(reply.getHeaders()),
    'content-type': 'text/event-stream; charset=utf-8',
    // Otherwise nginx would buffer the events.
    'x-accel-buffering': 'no',
  });
  const heartbeat = setInterval(() => {
    findCaller(services, request)
      .then((caller) => checkNeed(caller, NEED))
      .then(
        // The ID also advances past executions that do not match, so a reconnect does not search them again.
        () =>
          raw.writableNeedDrain || raw.write(`: still here\nid: ${formatPosition(position)}\n\n`),
        () => gone.abort(),
      );
  }, HEARTBEAT_MS);
  try {
    await send(
      raw,
      `retry: 2000\nid: ${formatPosition(position)}\nevent: ready\ndata: {}\n\n`,
      signal,
    );
    await tails.follow(userId, signal, async () => {
      for (;;) {
        const before = await tailEnd(db);
        const read = (): Promise<TailRead> =>
          readTail(db, filter, { after: position, before, limit: BATCH });
        const { rows, end } = await (isSearch(filter) ? heavyReads.run(userId, read) : read());
        for (const row of rows) {
          position = { writtenBy: row.writtenBy, id: row.id };
          const data = JSON.stringify(viewExecution(row));
          await send(
            raw,
            `id: ${formatPosition(position)}\nevent: execution\ndata: ${data}\n\n`,
            signal,
          );
          if (signal.aborted) return;
        }
        if (rows.length === BATCH) continue;
        // All rows up to there were checked, whether they matched or not, so they are not read again.
        position = end;
        if (end === before) return;
      }
    });
    raw.end();
  } catch (error) {
    if (!signal.aborted) log.warn({ err: error }, 'a tail ended');
    // A stalled reader would not receive an orderly end either.
    raw.destroy();
  } finally {
    clearInterval(heartbeat);
  }
}

/** Waits for a slow reader, so that at most one batch is in memory. */
async function send(raw: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted || raw.write(text)) return;
  await once(raw, 'drain', { signal: AbortSignal.any([signal, AbortSignal.timeout(STALLED_MS)]) });
}

function formatPosition({ writtenBy, id }: TailPosition): string {
  return `${writtenBy}_${id}`;
}

/** Parses an event ID. Undefined if it is not one. */
function parsePosition(text = ''): TailPosition | undefined {
  const found = /^(\d{1,19})_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(text);
  const [, writtenBy, id] = found ?? [];
  return writtenBy === undefined || id === undefined ? undefined : { writtenBy, id };
}

function toStrings(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
