/** Probation under a supervisor, on PostgreSQL: where versions run, and the consequences of process deaths. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { suite, test, type TestContext } from 'node:test';
import { findRunnable } from '../../server/db/handlers/runnable.ts';
import { atEnd } from '../setup/at-end.ts';
import { pause } from '../setup/servers/fault-load.ts';
import {
  childrenOf,
  expectAll,
  startFaultWorld,
  type FaultWorld,
} from '../setup/servers/fault-world.ts';
import { SteadyCalls, type Window } from '../setup/servers/steady-calls.ts';
import { useTestPostgres } from '../setup/servers/test-postgres.ts';
import { say } from '../setup/followed-calls.ts';

const RUNS = 3;
/** Begins its response, and then takes longer than the test. */
const LONG = `${say('begun')} (call $runtime_msleep #50000)`;

const postgres = useTestPostgres();

async function start(t: TestContext, environment = {}): Promise<FaultWorld | undefined> {
  const databaseUrl = await postgres.migrated(t);
  if (databaseUrl === undefined) return undefined;
  return startFaultWorld(t, databaseUrl, {
    environment: { PROBATION_RUNS: String(RUNS), ...environment },
  });
}

/** Returns the processes of a kind, by the variable that their supervisor sets. */
async function processesOf(world: FaultWorld, kind: 'guest' | 'probation'): Promise<number[]> {
  const pids = await childrenOf(world.child);
  const kinds = await Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      return text.split('\0').includes(`TRISIEL_PROCESS=${kind}`);
    }),
  );
  return pids.filter((_, i) => kinds[i]);
}

/** Returns how many processes listen at the port of an origin. */
async function countListeners(origin: string): Promise<number> {
  const port = Number(new URL(origin).port).toString(16).toUpperCase().padStart(4, '0');
  const sockets = await readFile('/proc/net/tcp', 'utf8');
  return sockets.match(new RegExp(`:${port} \\S+ 0A `, 'g'))?.length ?? 0;
}

/** Waits for a number of probation processes. Returns them in the order of their start. */
async function untilProbation(world: FaultWorld, count: number): Promise<number[]> {
  let found: number[] = [];
  await until(async () => {
    found = await processesOf(world, 'probation');
    return found.length === count;
  }, `there are not ${count} probation processes`);
  return found.sort((a, b) => a - b);
}

async function stateOf(world: FaultWorld, name: string): Promise<string | undefined> {
  return (await findRunnable(world.db, name))?.standing.state;
}

/** Returns the statuses of all executions of a handler. */
async function statusesOf(world: FaultWorld, name: string): Promise<string> {
  const rows = await world.db.query<{ status: string }>(
    `select status from executions join handlers on handlers.id = handler_id where name = $1`,
    [name],
  );
  return rows.map(({ status }) => status).join();
}

async function until(isDone: () => Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + 60_000;
  while (!(await isDone().catch(() => false))) {
    assert.ok(performance.now() < end, what);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const call = (world: FaultWorld, name: string): Promise<Response> =>
  fetch(`${world.origin}/run/${name}`);

/** Calls a handler until its version is trusted. */
async function earnTrust(world: FaultWorld, name: string): Promise<void> {
  for (let run = 0; run < RUNS; run++) assert.equal((await call(world, name)).status, 200);
  await until(async () => (await stateOf(world, name)) === 'trusted', `${name} is not trusted`);
}

/** Waits until the response of {@link LONG} has begun. The caller disconnects at the end of the test. */
async function begin(
  t: TestContext,
  world: FaultWorld,
  name: string,
): Promise<() => Promise<'whole' | 'broken'>> {
  const answer = await call(world, name);
  assert.equal(answer.status, 200);
  const reader = answer.body?.getReader();
  atEnd(t, () => reader?.cancel().catch(() => undefined));
  assert.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), 'begun');
  return () =>
    reader?.read().then(
      () => 'whole',
      () => 'broken',
    ) ?? Promise.resolve('whole');
}

suite('probation under a supervisor', () => {
  test('a version first runs in a probation process and after good runs in shared ones; a version that kills its process is quarantined, and neighbours continue', async (t) => {
    const world = await start(t);
    if (world === undefined) return;
    const { authors, author } = world;
    assert.deepEqual(await processesOf(world, 'probation'), []);
    await authors.deploy(author, { name: 'good', body: say('good') });
    assert.equal(await (await call(world, 'good')).text(), 'good');
    const [first, ...others] = await processesOf(world, 'probation');
    assert.ok(first !== undefined && others.length === 0, 'one probation process');
    const [guest = 0] = await processesOf(world, 'guest');
    assert.ok(getPriority(first) > getPriority(guest), 'untrusted processes have lower priority');
    await earnTrust(world, 'good');
    // A stopped process runs nothing, so responses now come from a shared process. The executor processes are notified
    // of the trust within this time; calls forwarded before would wait.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    process.kill(first, 'SIGSTOP');
    assert.equal(await (await call(world, 'good')).text(), 'good');
    process.kill(first, 'SIGCONT');

    await authors.deploy(author, { name: 'bad', body: LONG });
    await authors.deploy(author, { name: 'bystander', body: say('here') });
    assert.equal(await (await call(world, 'bystander')).text(), 'here');
    const rest = await begin(t, world, 'bad');
    process.kill(first, 'SIGKILL');
    assert.equal(await rest(), 'broken');
    await until(async () => (await stateOf(world, 'bad')) === 'quarantined', 'no quarantine');
    await until(async () => (await statusesOf(world, 'bad')) === 'interrupted', 'no record');
    await until(async () => (await call(world, 'bad')).status === 503, 'it still runs');
    assert.match(await (await call(world, 'bad')).text(), /handler-quarantined/);
    const token = await authors.token(author, ['executions:read']);
    const told = await fetch(`${world.origin}/run/bad`, {
      headers: { authorization: `Bearer ${token}` },
    });
    assert.match(await told.text(), /a run crashed its process/);
    // Neighbours are not affected: handlers in shared processes, and the owner's other handlers that were not running.
    assert.equal(await (await call(world, 'good')).text(), 'good');
    assert.equal(await (await call(world, 'bystander')).text(), 'here');
    assert.equal(await stateOf(world, 'good'), 'trusted');
    assert.notEqual(await stateOf(world, 'bystander'), 'quarantined');
    const [second] = await processesOf(world, 'probation');
    assert.ok(second !== undefined && second !== first);
  });

  test('versions running in a shared process that dies return to probation, and no others', async (t) => {
    const world = await start(t);
    if (world === undefined) return;
    const { authors, author } = world;
    await authors.deploy(author, { name: 'quiet', body: say('x') });
    await authors.deploy(author, { name: 'runs', body: LONG });
    await world.db.execute(
      `insert into module_standings (owner_id, digest, state)
       select handlers.owner_id, versions.digest, 'trusted' from handlers
         join versions on versions.id = active_version_id where handlers.name in ('quiet', 'runs')`,
    );
    assert.equal(await (await call(world, 'quiet')).text(), 'x');
    // A module counts as running for two seconds after its last run.
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const rest = await begin(t, world, 'runs');
    const guests = await processesOf(world, 'guest');
    assert.deepEqual(await processesOf(world, 'probation'), []);
    for (const pid of guests) process.kill(pid, 'SIGKILL');
    assert.equal(await rest(), 'broken');
    await until(async () => (await stateOf(world, 'runs')) === 'probation', 'not on probation');
    assert.equal(await stateOf(world, 'quiet'), 'trusted');
    await until(async () => (await statusesOf(world, 'runs')) === 'interrupted', 'no record');
    await until(async () => (await call(world, 'quiet')).status === 200, 'not back');
    await until(async () => (await begin(t, world, 'runs')) !== undefined, 'it does not run again');
    assert.equal((await processesOf(world, 'probation')).length, 1);
  });

  test('processes stop and die under attack: other calls get complete responses, each run is recorded, and only the guilty version is quarantined', async (t) => {
    const world = await start(t);
    if (world === undefined) return;
    const { authors, author, db, origin } = world;
    const [attacker, guilty] = [await authors.make(1), await authors.make(2)];
    await authors.deploy(author, { name: 'neighbour', body: say('whole') });
    await earnTrust(world, 'neighbour');
    await authors.deploy(attacker, { name: 'loops', body: '(loop $on (br $on))' });
    await authors.deploy(guilty, { name: 'guilty', body: LONG });
    await authors.deploy(guilty, { name: 'innocent', body: say('x') });
    assert.equal((await call(world, 'innocent')).status, 200);
    const rest = await begin(t, world, 'guilty');
    const [, accused = 0] = await untilProbation(world, 2);
    const attack = new SteadyCalls(t, `${origin}/run/loops`, 200);
    const calls = new SteadyCalls(t, `${origin}/run/neighbour`, 25);
    const windows: Window[] = [];
    const end = async (pid: number, signal: 'SIGKILL' | 'SIGSTOP'): Promise<Window> => {
      const from = performance.now();
      process.kill(pid, signal);
      await until(async () => !(await childrenOf(world.child)).includes(pid), 'it is still there');
      const window = { from, to: performance.now() };
      windows.push(window);
      return window;
    };
    const [stopped = 0, killed = 0] = await processesOf(world, 'guest');
    const stopping = end(stopped, 'SIGSTOP');
    await end(accused, 'SIGKILL');
    assert.equal(await rest(), 'broken');
    assert.ok(calls.wholeIn(await stopping) > 10, 'the other process served no calls meanwhile');
    await until(async () => (await countListeners(origin)) === 2, 'not replaced');
    await end(killed, 'SIGKILL');
    await until(async () => (await stateOf(world, 'guilty')) === 'quarantined', 'no quarantine');
    await pause(500);
    await Promise.all([attack.stop(), calls.stop()]);
    assert.deepEqual(calls.failuresOutside(windows), []);
    // The connection of a call to a dying process is closed, and the call does not get an error response.
    for (const failure of calls.failures()) assert.match(failure, /ECONNRESET|hang up|EPIPE/);
    await expectAll(t, world, calls.ids);
    await until(async () => (await statusesOf(world, 'guilty')) === 'interrupted', 'no record');
    const [open] = await db.query<{ runs: number }>(
      `select count(*)::int as runs from executions where status in ('queued', 'running')`,
    );
    assert.equal(open?.runs, 0, 'a started run has no end');
    const standings = ['neighbour', 'loops', 'innocent'].map((name) => stateOf(world, name));
    assert.ok(!(await Promise.all(standings)).includes('quarantined'));
  });

  test('the number of probation processes is limited: owners take turns', async (t) => {
    const world = await start(t, { PROBATION_PROCESSES: '1' });
    if (world === undefined) return;
    const { authors, author } = world;
    const other = await authors.make(2);
    await authors.deploy(author, { name: 'mine', body: LONG });
    await authors.deploy(other, { name: 'theirs', body: say('x') });
    const answer = await call(world, 'mine');
    const waiting = call(world, 'theirs');
    await answer.body?.cancel();
    assert.equal((await waiting).status, 200, 'no room was made');
    assert.equal((await processesOf(world, 'probation')).length, 1);
    assert.equal(await stateOf(world, 'mine'), 'unknown', 'a normal stop is not a fault');
  });
});
