import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test, type TestContext } from 'node:test';
import { createApi } from '../../../client/api.ts';
import type { ApiHandler } from '../../../client/views.ts';
import { waitForAnswer, type FirstAnswer, type Superseded } from './answering.ts';

interface World {
  /** The responses of the API, in order; the last one is repeated. */
  readonly rollouts: readonly object[];
  /** Whether the handler never answers. */
  readonly hangs?: boolean;
}

async function wait(
  t: TestContext,
  { rollouts, hangs = false }: World,
): Promise<{ readonly calls: () => number; readonly answer: Promise<FirstAnswer | Superseded> }> {
  let calls = 0;
  let asked = 0;
  const server = createServer((request, response) => {
    const json = (body: unknown): void => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.url?.endsWith('/rollout') === true) {
      json(rollouts[Math.min(asked, rollouts.length - 1)]);
      asked += 1;
    } else if (request.url?.startsWith('/api/executions/') === true) {
      json({ version: 2, status: 'succeeded' });
    } else {
      calls += 1;
      if (!hangs) response.writeHead(200, { 'trisiel-execution': 'an-id' }).end('hello');
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const handler: ApiHandler = {
    id: 'h',
    name: 'greeter',
    description: '',
    mode: 'sync',
    private: false,
    trace: false,
    url: `${origin}/run/greeter/`,
    hasPolicy: false,
    activeVersion: 2,
    deletedAt: null,
    createdAt: '',
    updatedAt: '',
  };
  const answer = waitForAnswer(createApi({ origin, token: 'a.b.c' }), {
    handler,
    version: 2,
    headers: [],
    signal: new AbortController().signal,
  });
  return { calls: () => calls, answer };
}

const ready = { activeVersion: 2, executors: 2, ready: 2, wallMs: 10_000 };

test('deploy calls the handler once, after every executor has switched to the version', async (t) => {
  const { calls, answer } = await wait(t, {
    rollouts: [{ ...ready, executors: 0, ready: 0 }, { ...ready, ready: 1 }, ready],
  });
  assert.deepEqual(await answer, {
    httpStatus: 200,
    executionId: 'an-id',
    status: 'succeeded',
  });
  assert.equal(calls(), 1, 'each call is a billed run');
});

test('a deployment that another one replaced reports it at once and calls nothing', async (t) => {
  const { calls, answer } = await wait(t, { rollouts: [{ ...ready, activeVersion: 3 }] });
  assert.deepEqual(await answer, { supersededBy: 3 });
  assert.equal(calls(), 0);
});

test('deploy gives a handler the time limit of its tier, with one call that is neither cancelled nor repeated', async (t) => {
  // A time limit that adds up to 0.1 s with the queue's ten seconds.
  const { calls, answer } = await wait(t, {
    rollouts: [{ ...ready, wallMs: -9900 }],
    hangs: true,
  });
  await assert.rejects(
    answer,
    /Version 2 of greeter .* did not respond to GET within 0\.1 seconds/,
  );
  assert.equal(calls(), 1);
});
