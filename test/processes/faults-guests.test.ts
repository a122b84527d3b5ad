/**
 * Guests that trap, loop, flood and sleep, and callers that disconnect and read slowly, all at once on executors with
 * little memory: each gets an error with the reason, each run is recorded with it, and good handlers continue.
 */
import assert from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import { suite, test } from 'node:test';
import { pause } from '../setup/servers/fault-load.ts';
import { childrenOf, expectAll, startFaultWorld } from '../setup/servers/fault-world.ts';
import { useTestPostgres } from '../setup/servers/test-postgres.ts';

const head = '(call $show "Content-Type: text/plain\\n\\n")';
const GUESTS = {
  good: `${head} (call $show "good")`,
  traps: 'unreachable',
  exits: '(call $runtime_exit #7)',
  loops: '(loop $again (br $again))',
  floods: `${head} (local.set $a (call $io_get_stdout))
    (loop $more (drop (call $resource_write (local.get $a) #64 #16384)) (br $more))`,
  sleeps: `${head} (call $show "slept") (call $runtime_msleep #400)`,
  grows: `${head} (drop (memory.grow #8)) (call $runtime_msleep #200) (call $show "grown")`,
} as const;
type Kind = keyof typeof GUESTS;

/** The expected status of each run; `cancelled` if the caller disconnects. */
const ENDS: Readonly<Record<Kind, string>> = {
  good: 'succeeded',
  traps: 'stopped',
  exits: 'failed',
  loops: 'stopped',
  floods: 'cancelled',
  sleeps: 'succeeded',
  grows: 'succeeded',
};

interface Outcome {
  readonly kind: Kind;
  readonly status: number;
  readonly id: string;
}

const BURST = 60;
const ROUNDS = 4;

suite('hostile guests and callers', { skip: process.platform !== 'linux' }, () => {
  const postgres = useTestPostgres();

  test('each gets an error that says what happened, each run is recorded, no process ends, and good handlers continue', async (t) => {
    const databaseUrl = await postgres.migrated(t);
    if (databaseUrl === undefined) return;
    const world = await startFaultWorld(t, databaseUrl, {
      environment: { GUEST_MEMORY_PAGES: '16', RUN_QUEUE: '8' },
    });
    const { authors, author, origin, name } = world;
    for (const [kind, body] of Object.entries(GUESTS)) {
      await authors.deploy(author, { name: `${name}-${kind}`, body });
    }
    const processes = await childrenOf(world.child);
    const open = (kind: Kind): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => {
        get(`${origin}/run/${name}-${kind}/`, { agent: false }, resolve).on('error', reject);
      });
    const call = async (kind: Kind, leave?: (answer: IncomingMessage) => Promise<void>) => {
      const answer = await open(kind);
      answer.on('error', () => undefined);
      const outcome: Outcome = {
        kind,
        status: answer.statusCode ?? 0,
        id: String(answer.headers['trisiel-execution']),
      };
      if (leave !== undefined && outcome.status === 200) await leave(answer);
      else for await (const _ of answer);
      return outcome;
    };
    const hangUp = async (answer: IncomingMessage): Promise<void> => void answer.destroy();
    const readSlowly = async (answer: IncomingMessage): Promise<void> => {
      for (let looks = 0; looks < 5; looks++) {
        answer.read(1000);
        await pause(100);
      }
      answer.destroy();
    };
    const outcomes: Outcome[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const burst = [
        ...Array.from({ length: BURST }, () => call('good')),
        ...(['traps', 'exits', 'loops'] as const).flatMap((kind) => [call(kind), call(kind)]),
        ...Array.from({ length: 4 }, () => call('floods', hangUp)),
        ...Array.from({ length: 4 }, () => call('floods', readSlowly)),
        ...Array.from({ length: 30 }, () => call('sleeps')),
        ...Array.from({ length: 4 }, () => call('grows')),
      ];
      outcomes.push(...(await Promise.all(burst)));
    }
    const byStatus = Map.groupBy(outcomes, ({ status }) => status);
    t.diagnostic(Array.from(byStatus, ([status, all]) => `${status}: ${all.length}`).join(', '));
    const known = new Set([200, 502, 503]);
    assert.deepEqual(
      outcomes.filter(({ status }) => !known.has(status)),
      [],
    );
    for (const { kind, status } of outcomes) {
      const isBad = ENDS[kind] === 'stopped' || ENDS[kind] === 'failed';
      assert.ok(status === 503 || (status === 502) === isBad, `${kind} was answered ${status}`);
    }
    assert.ok(byStatus.has(503), 'the executors were never full');
    const ran = outcomes.filter(({ status }) => status !== 503);
    await expectAll(
      t,
      world,
      ran.map(({ id }) => id),
    );
    const rows = await world.db.query<{ id: string; status: string }>(
      'select id, status from executions where id = any($1::uuid[])',
      [ran.map(({ id }) => id)],
    );
    const statuses = new Map(rows.map(({ id, status }) => [id, status]));
    for (const { id, kind } of ran) assert.equal(statuses.get(id), ENDS[kind], kind);
    // Their resources are free again.
    assert.equal((await call('good')).status, 200);
    assert.deepEqual(await childrenOf(world.child), processes, 'a process ended');
    const metrics = await (await fetch(`${origin}/metrics`)).text();
    for (const gauge of ['trisiel_running', 'trisiel_queued', 'trisiel_guest_memory_pages']) {
      assert.match(metrics, new RegExp(`^${gauge} 0$`, 'm'));
    }
  });
});
