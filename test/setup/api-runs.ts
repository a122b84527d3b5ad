/** An author whose handler was run: rows as an executor writes them, and a client of the live log. */
import assert from 'node:assert/strict';
import { randomUUIDv7 } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { Database } from '../../server/db/connection/database.ts';
import type { NewExecution } from '../../server/db/runs/executions.ts';
import { atEnd } from './at-end.ts';
import {
  signInAs,
  startApi,
  textField,
  type ApiServer,
  type Browser,
} from './servers/api-server.ts';
import type { TestDatabases } from './servers/databases.ts';

export interface AuthorWorld {
  readonly api: ApiServer;
  readonly db: Database;
  readonly author: Browser;
  readonly handlerId: string;
}

/** An API with an author and a handler named target. */
export async function makeAuthor(
  t: TestContext,
  databases: TestDatabases,
): Promise<AuthorWorld | undefined> {
  const db = await databases.migrated(t);
  if (db === undefined) return undefined;
  const api = await startApi(t, db);
  const author = await signInAs(api, 'author');
  const made = await author.send('POST', '/api/handlers', { json: { name: 'target' } });
  return { api, db, author, handlerId: textField(made.body, 'id') };
}

const STARTED_AT = new Date(Date.UTC(2026, 0, 10));

/** The id of a run begins with its time. */
function idOf(startedAt: Date): string {
  const time = startedAt.getTime().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}${randomUUIDv7().slice(13)}`;
}

/** Returns a run as an executor writes it. */
export function run(
  { author, handlerId }: AuthorWorld,
  given: Partial<NewExecution>,
): NewExecution {
  const id = idOf(given.startedAt ?? STARTED_AT);
  return {
    id,
    handlerId,
    versionId: null,
    ownerId: author.userId,
    mode: 'sync',
    callId: id,
    attempt: 1,
    status: 'succeeded',
    method: 'GET',
    path: '/run/target/',
    httpStatus: 200,
    exitCode: 0,
    trap: null,
    gas: 100,
    memoryPages: 1,
    calls: { log_write: 2 },
    urls: [],
    bytesIn: 0,
    bytesOut: 5,
    wallMs: 1.5,
    output: Buffer.from('hello'),
    errorOutput: new Uint8Array(),
    log: [],
    trace: null,
    startedAt: STARTED_AT,
    ...given,
  };
}

export interface Tail {
  readonly ids: string[];
  readonly ended: Promise<void>;
  lastId(): string;
  until(count: number): Promise<void>;
  close(): void;
}

/** Opens the live log. Resolves when the server follows the runs. */
export async function openTail(
  t: TestContext,
  api: ApiServer,
  author: Browser,
  query: string,
  after?: string,
): Promise<Tail> {
  const gone = new AbortController();
  atEnd(t, () => gone.abort());
  const cookie = [...author.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const response = await fetch(`${api.origin}/api/executions/tail${query}`, {
    signal: gone.signal,
    headers: { cookie, ...(after === undefined ? {} : { 'last-event-id': after }) },
  });
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
  const ids: string[] = [];
  let last = '';
  let isReady = false;
  const ended = (async () => {
    let text = '';
    for await (const chunk of (response.body ?? assert.fail('no body')).pipeThrough(
      new TextDecoderStream(),
    )) {
      const events = (text + chunk).split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        last = /^id: (.*)$/m.exec(event)?.[1] ?? last;
        const id: unknown = JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? '{}').id;
        if (typeof id === 'string') ids.push(id);
        isReady = true;
      }
    }
  })().catch((error: unknown) => {
    if (!gone.signal.aborted) throw error;
  });
  await waitFor(async () => isReady);
  return {
    ids,
    ended,
    lastId: () => last,
    until: (count) => waitFor(async () => ids.length >= count),
    close: () => gone.abort(),
  };
}

export async function waitFor(isSo: () => Promise<boolean>): Promise<void> {
  const until = Date.now() + 20_000;
  while (!(await isSo())) {
    if (Date.now() > until) assert.fail('the expected state was not reached in 20 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
