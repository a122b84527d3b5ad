import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { readTail, tailEnd, type TailPosition } from '../../../db/execution-reads.ts';
import { ProblemError } from '../../../problems.ts';
import { findCaller, checkNeed } from '../../auth/caller.ts';
import { closed, userRoute } from '../../route.ts';
import { TAILS_PER_USER } from '../../tail.ts';
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
  success: { status: 200, description: 'A stream of events.', contentType: 'text/event-stream' },
  problems: ['not-found'],
  async handle({ user, query, services, request, reply }) {
    const { db, tails, ending } = services;
    if (tails.countOf(user.id) >= TAILS_PER_USER) {
      throw new ProblemError(
        'too-many-requests',
        `You have ${TAILS_PER_USER} tails open. Close one first.`,
        {
          headers: { 'retry-after': '5' },
        },
      );
    }
    const filter = await toFilter(db, user, query);
    let place = readPlace(request.headers['last-event-id']) ?? (await tailEnd(db));

    const gone = new AbortController();
    const signal = AbortSignal.any([gone.signal, ending.signal]);
    const { raw } = reply;
    raw.once('close', () => gone.abort());
    reply.hijack();
    raw.writeHead(200, {
      ...toStrings(reply.getHeaders()),
      'content-type': 'text/event-stream; charset=utf-8',
      // nginx would collect the events.
      'x-accel-buffering': 'no',
    });
    await send(raw, `retry: 2000\nid: ${placeText(place)}\nevent: ready\ndata: {}\n\n`, signal);

    const heartbeat = setInterval(() => {
      findCaller(services, request)
        .then((caller) => checkNeed(caller, NEED))
        .then(
          () => raw.write(': still here\n\n'),
          () => gone.abort(),
        );
    }, HEARTBEAT_MS);
    try {
      await tails.follow(user.id, signal, async () => {
        for (;;) {
          const rows = await readTail(db, filter, place, BATCH);
          for (const row of rows) {
            place = { writtenBy: row.writtenBy, id: row.id };
            const data = JSON.stringify(viewExecution(row));
            await send(raw, `id: ${placeText(place)}\nevent: execution\ndata: ${data}\n\n`, signal);
          }
          if (rows.length < BATCH || signal.aborted) return;
        }
      });
    } catch (error) {
      if (!signal.aborted) services.log.warn({ err: error }, 'a tail ended');
    } finally {
      clearInterval(heartbeat);
      raw.end();
    }
    return reply;
  },
});

/** Waits where the reader is slow, so that no more than one batch is in memory. */
async function send(raw: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted || raw.write(text)) return;
  await once(raw, 'drain', { signal: AbortSignal.any([signal, AbortSignal.timeout(STALLED_MS)]) });
}

function placeText({ writtenBy, id }: TailPosition): string {
  return `${writtenBy}_${id}`;
}

/** Undefined for what was never an id of ours. */
function readPlace(text: string | string[] | undefined): TailPosition | undefined {
  const found =
    typeof text === 'string'
      ? /^(\d{1,19})_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(text)
      : null;
  const [, writtenBy, id] = found ?? [];
  return writtenBy === undefined || id === undefined ? undefined : { writtenBy, id };
}

function toStrings(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
