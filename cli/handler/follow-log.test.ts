/** `trisiel logs --follow` against a failing API. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';
import { newPerson } from '../../test/setup/command.ts';

class FakeApi {
  /** Ids of runs, oldest first. */
  readonly runs: string[] = [];
  readonly #tails = new Set<ServerResponse>();
  readonly #asked = new Set<string>();
  /** Called when a list was read but not sent yet. */
  onList: () => void = () => undefined;

  happen(id: string): void {
    this.runs.push(id);
    for (const tail of this.#tails) tail.write(this.#event(id));
  }

  breakTails(): void {
    for (const tail of this.#tails) tail.destroy();
    this.#tails.clear();
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/api/executions/tail') return this.#tail(request, response);
    if (pathname === '/api/executions') {
      const items = this.runs.toReversed().map((id) => ({ id }));
      this.onList();
      return send(response, 200, { items, next: null });
    }
    const id = pathname.split('/').at(-1) ?? '';
    // Each request for details fails once, in one of three ways.
    if (!this.#asked.has(id)) {
      this.#asked.add(id);
      const way = this.#asked.size % 3;
      if (way === 0) return void request.socket.destroy();
      if (way === 1)
        return send(response, 503, { detail: 'Restarting.', code: 'unavailable', status: 503 });
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
      response.write('{"id":', () => request.socket.destroy());
      return;
    }
    send(response, 200, { id });
  }

  #tail(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const place = request.headers['last-event-id'];
    const from = place === undefined ? this.runs.length : Number(place);
    response.write(`id: ${from}\nevent: ready\ndata: {}\n\n`);
    for (const id of this.runs.slice(from)) response.write(this.#event(id));
    this.#tails.add(response);
  }

  #event(id: string): string {
    return `id: ${this.runs.indexOf(id) + 1}\nevent: execution\ndata: ${JSON.stringify({ id })}\n\n`;
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function listen(t: TestContext, api: FakeApi): Promise<string> {
  const server = createServer((request, response) => api.answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

test('no execution is lost between the list and the stream, in a restart, or by failing requests, and none is shown twice', async (t) => {
  const api = new FakeApi();
  api.runs.push('past-1', 'past-2');
  // Runs happen while the list is loading, before the tail reports them.
  api.onList = () => api.happen('between');
  const origin = await listen(t, api);
  const ada = await newPerson(t, { TRISIEL_SERVER: origin, TRISIEL_TOKEN: 'a.b.c' });
  const stop = new AbortController();
  const seen: string[] = [];
  const waiters = new Map<string, () => void>();
  const shown = (id: string): Promise<void> =>
    new Promise((resolve) => (seen.includes(id) ? resolve() : waiters.set(id, resolve)));
  const following = ada.run(['logs', 'greeter', '--follow', '--json'], {
    signal: stop.signal,
    onOutput: (text) => {
      for (const [, id = ''] of text.matchAll(/"id":"([^"]+)"/g)) {
        seen.push(id);
        waiters.get(id)?.();
      }
    },
  });
  await shown('between');
  api.happen('live-1');
  await shown('live-1');
  api.breakTails();
  api.happen('while-away');
  await shown('while-away');
  api.happen('live-2');
  await shown('live-2');
  stop.abort();
  const { code, stderr } = await following;
  assert.equal(code, 130, stderr);
  assert.deepEqual(seen, ['past-1', 'past-2', 'between', 'live-1', 'while-away', 'live-2']);
});

test('logs --follow fails at once if the server is unreachable at the start', async (t) => {
  const ada = await newPerson(t, { TRISIEL_SERVER: 'http://127.0.0.1:9', TRISIEL_TOKEN: 'a.b.c' });
  const { code, stderr } = await ada.run(['logs', 'greeter', '--follow']);
  assert.equal(code, 6, stderr);
});
