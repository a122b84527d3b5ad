/** The trace of a handler: recorded with each run, limited in size, and returned by the API as the runtime reports it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signInAs, startApi } from '../setup/servers/api-server.ts';
import { onOneDatabase } from '../setup/servers/databases.ts';
import { startExecutor } from '../setup/servers/executor-server.ts';

interface Field {
  readonly name: string;
  readonly value: string;
}

interface Detail {
  readonly calls: Readonly<Record<string, number>>;
  readonly trace:
    | readonly {
        readonly name: string;
        readonly args: readonly { readonly name: string; readonly value: unknown }[];
        readonly result?: unknown;
        readonly fault?: string;
        readonly atMs: number;
        readonly tookMs: number;
      }[]
    | null;
  readonly request: {
    readonly headers: readonly Field[];
    readonly body: { readonly text: string };
  } | null;
  readonly response: { readonly headers: readonly Field[] } | null;
}

const say = `(call $show "Content-Type: text/plain\\n\\nyes")`;

onOneDatabase('traces', (databases) => {
  test('a handler with tracing on records its system calls in order, suspending or not', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const url = databases.url();
    const { origin, authors, run, store } = await startExecutor(
      t,
      db,
      url === undefined ? {} : { environment: { DATABASE_URL: url } },
    );
    const api = await startApi(t, db, { store });
    const author = await signInAs(api, 'author');
    const body = `(call $log_write #6 "begun") (call $runtime_msleep #20)
      (drop (call $resource_read (call $io_get_stdin) #64 #512)) ${say} (call $runtime_exit #0)`;
    await authors.deploy({ id: author.userId }, { name: 'seen', body });
    const call = async (headers: Record<string, string> = {}): Promise<Detail> => {
      const answer = await fetch(`${origin}/run/seen/`, {
        method: 'POST',
        body: 'what was sent',
        headers: { 'x-kind': 'a test', 'x-api-key': 'hush', cookie: 'a=hush', ...headers },
      });
      const { status } = answer;
      const id = answer.headers.get('trisiel-execution');
      await answer.text();
      if (status === 202) await ended(`${origin}/executions/${id}`);
      await run(id);
      return JSON.parse((await author.send('GET', `/api/executions/${id}`)).text);
    };
    const before = await call();
    assert.deepEqual([before.trace, before.request, before.response], [null, null, null]);

    const changed = await author.send('PATCH', '/api/handlers/seen', { json: { trace: true } });
    assert.equal(changed.status, 200, changed.text);
    const until = performance.now() + 10_000;
    let shown = await call();
    while (shown.trace === null) {
      assert.ok(performance.now() < until, 'the executor did not see the change');
      shown = await call();
    }
    for (const { trace, calls, request, response } of [
      shown,
      await call({ prefer: 'respond-async' }),
    ]) {
      assert.ok(trace !== null && request !== null && response !== null);
      const sent = new Map(request.headers.map(({ name, value }) => [name, value]));
      assert.equal(sent.get('x-kind'), 'a test');
      assert.equal(sent.get('x-api-key'), '(left out)');
      assert.equal(sent.get('cookie'), '(left out)');
      assert.deepEqual(response.headers, [{ name: 'Content-Type', value: 'text/plain' }]);
      assert.equal(request.body.text, 'what was sent');
      const [first, second] = trace;
      assert.deepEqual([first?.name, second?.name], ['log_write', 'runtime_msleep']);
      assert.deepEqual(first?.args, [
        { name: 'level', value: 6 },
        { name: 'text', value: 'begun' },
      ]);
      assert.ok((second?.tookMs ?? 0) > 10);
      assert.ok((second?.atMs ?? 0) >= (first?.atMs ?? Infinity));
      assert.equal(trace.at(-1)?.name, 'runtime_exit');
      const sum = Object.values(calls).reduce((all, each) => all + each, 0);
      assert.equal(trace.length, sum);
    }
  });

  test('the trace of a guest with endless system calls is limited', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors, run } = await startExecutor(t, db);
    const author = await authors.make();
    const loop = (calls: string): string => `${say} (local.set $n #0)
      (loop $again ${calls} (local.set $n (i32.add (local.get $n) #1))
        (br_if $again (i32.lt_u (local.get $n) #1500)))`;
    const long = 'x'.repeat(199);
    await authors.deploy(author, {
      name: 'many',
      body: loop('(drop (call $env_get "A" #64 #512))'),
      keepsTrace: true,
    });
    await authors.deploy(author, {
      name: 'wide',
      body: loop(`(drop (call $env_get "${long}" #64 #512))`),
      keepsTrace: true,
    });
    const traceOf = async (name: string): Promise<string[]> => {
      const answer = await fetch(`${origin}/run/${name}/`);
      assert.equal(answer.status, 200, await answer.text());
      const id = answer.headers.get('trisiel-execution');
      await run(id);
      const [row] = await db.query<{ trace: readonly unknown[]; calls: Record<string, number> }>(
        'select trace, calls from executions where id = $1',
        [id],
      );
      assert.equal(row?.calls['env_get'], 1500);
      return row.trace.map((each) => JSON.stringify(each));
    };
    assert.equal((await traceOf('many')).length, 1000);
    const wide = await traceOf('wide');
    assert.ok(wide.length > 100 && wide.length < 1000, `${wide.length} calls were recorded`);
    assert.ok(wide.join('').length <= 300 * 1024);
  });
});

async function ended(url: string): Promise<void> {
  const until = performance.now() + 30_000;
  for (;;) {
    const { status }: { status: string } = JSON.parse(await (await fetch(url)).text());
    if (status === 'succeeded') return;
    assert.ok(performance.now() < until, `the call stayed ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
