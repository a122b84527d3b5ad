/**
 * Hostile modules and requests of every kind, and random mixtures of them, against a complete server: the web origin
 * never stops, neighbours get responses, and every started run is recorded.
 *
 * `HOSTILE_MODULES=10000 HOSTILE_SEED=7 node --test test/hostile/hostile.test.ts` runs more of them; the seed is printed.
 */
import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { compile } from '../../sdk/wat/compile.ts';
import type { Author } from '../setup/servers/executor-server.ts';
import { findRunnable } from '../../server/db/handlers/runnable.ts';
import { useTestPostgres } from '../setup/servers/test-postgres.ts';
import { KINDS, makeMixture, makeModule, type HostileModule } from './modules.ts';
import { Random } from './random.ts';
import { sendHostile } from './requests.ts';
import { Probe, request, startHostileWorld, type HostileWorld } from './world.ts';

/** By default each kind once, at half a second per module. */
const COUNT = Number(process.env['HOSTILE_MODULES'] ?? KINDS.length);
const SEED = Number(process.env['HOSTILE_SEED'] ?? 20_261_128);
/** An account may upload 30 modules in a minute. */
const MODULES_PER_AUTHOR = 25;
const HANDLERS_PER_AUTHOR = 10;
const CALLS = 3;
/** Number of concurrent attackers. */
const WIDTH = 4;
const SCOPES = ['handlers:read', 'handlers:write', 'handlers:call', 'executions:read'];

suite('hostile guests', { skip: process.platform !== 'linux' }, () => {
  const postgres = useTestPostgres();

  test('hurt neither the web origin nor their neighbours, and leave a record of every run', async (t) => {
    const databaseUrl = await postgres.migrated(t);
    if (databaseUrl === undefined) return;
    const world = await startHostileWorld(t, databaseUrl);
    const neighbour = await world.authors.make(2);
    await world.authors.deploy(neighbour, {
      name: 'neighbour',
      body: '(call $show "Content-Type: text/plain\\n\\nok")',
    });
    // Its version is trusted before the attack, because versions on probation wait for processes to start.
    await untilTrusted(world, 'neighbour');
    const before = await world.describeMemory();
    const attack = new Attack(world);
    const during = (): string => attack.underWay();
    const web = new Probe(`${world.webOrigin}/api/tiers`, 50, during);
    const next = new Probe(`${world.runOrigin}/run/neighbour/`, 20, during);
    try {
      await attack.run();
    } catch (error) {
      t.diagnostic(world.logged());
      throw error;
    } finally {
      await Promise.all([web.stop(), next.stop()]);
    }
    t.diagnostic(`seed ${SEED}: ${attack.describe()}`);
    t.diagnostic(`neighbour: ${next.describe()}`);
    t.diagnostic(`web origin: ${web.describe()}`);
    assert.deepEqual(web.failures, [], 'the web origin did not answer');
    // A connection to a process that is being replaced is closed: at most one per replacement.
    const replaced = world.logged().split('a new one is started').length - 1;
    t.diagnostic(`processes replaced: ${replaced}`);
    assert.ok(
      next.failures.length <= replaced * 4,
      `${next.failures.length} failures: ${next.failures[0]}`,
    );
    await expectRecords(t, world, attack.executions);
    t.diagnostic(`resident memory: before: ${before}; after: ${await world.describeMemory()}`);
    const last = await request(`${world.runOrigin}/run/neighbour/`);
    assert.equal(last.status, 200, last.text);
  });
});

/** Uploads modules by the API as accounts of the free tier, calls them, and sends hostile requests to them. */
class Attack {
  readonly executions: string[] = [];
  readonly #world: HostileWorld;
  readonly #random = new Random(SEED);
  readonly #statuses = new Map<string, number>();
  readonly #kinds = this.#random.shuffle(KINDS);
  /** The current action of each attacker. */
  readonly #doing: string[] = [];
  #made = 0;

  constructor(world: HostileWorld) {
    this.#world = world;
  }

  async run(): Promise<void> {
    await Promise.all(Array.from({ length: WIDTH }, (_, at) => this.#attackOn(at)));
  }

  describe(): string {
    return [...this.#statuses].map(([what, times]) => `${what}: ${times}`).join(', ');
  }

  underWay(): string {
    return this.#doing.join('; ');
  }

  async #attackOn(at: number): Promise<void> {
    const { authors } = this.#world;
    let author: { who: Author; token: string } | undefined;
    for (let own = 0; this.#made < COUNT; own++) {
      if (own % MODULES_PER_AUTHOR === 0) author = undefined;
      if (author === undefined) {
        const who = await authors.make(1);
        author = { who, token: await authors.token(who, SCOPES) };
      }
      const name = `hostile-${at}-${Math.floor(own / MODULES_PER_AUTHOR)}-${own % HANDLERS_PER_AUTHOR}`;
      const hostile = this.#nextModule();
      await this.#attackOnce(hostile, name, author.token, (step) => {
        this.#doing[at] = `${step} ${hostile.kind}`;
      });
      this.#doing[at] = 'nothing';
    }
  }

  #nextModule(): HostileModule {
    const number = this.#made++;
    const kind = this.#kinds[number];
    if (kind !== undefined) return makeModule(kind, this.#random);
    return this.#random.int(0, 2) === 0
      ? makeMixture(this.#random)
      : makeModule(this.#random.pick(KINDS), this.#random);
  }

  async #attackOnce(
    hostile: HostileModule,
    name: string,
    token: string,
    onStep: (step: 'uploading' | 'calling') => void,
  ): Promise<void> {
    onStep('uploading');
    const { webOrigin, runOrigin, runPort } = this.#world;
    const built = await compile(hostile.source);
    assert.ok(built.ok, `${hostile.kind}: ${JSON.stringify(built)}`);
    const authorization = `Bearer ${token}`;
    const json = { authorization, 'content-type': 'application/json' };
    const send = (path: string, headers: Record<string, string>, body: BodyInit, method = 'POST') =>
      request(`${webOrigin}/api/handlers${path}`, { method, headers, body });
    const made = await send('', json, JSON.stringify({ name }));
    assert.ok([201, 409].includes(made.status), `${made.status} ${made.text}`);
    if (hostile.policy !== undefined) {
      this.#count(
        'policy',
        (await send(`/${name}/policy`, json, JSON.stringify({ policy: hostile.policy }), 'PUT'))
          .status,
      );
    }
    const wasm = { authorization, 'content-type': 'application/wasm' };
    const upload = await send(`/${name}/versions`, wasm, built.module);
    this.#count('upload', upload.status);
    assert.ok(
      upload.status === 201 ||
        (upload.status >= 400 && upload.status < 500) ||
        upload.status === 503,
      `${hostile.kind}: ${upload.status} ${upload.text}`,
    );
    if (upload.status !== 201) return;
    onStep('calling');
    const path = `/run/${name}/`;
    await Promise.all([
      ...Array.from({ length: CALLS }, async () => {
        const answer = await request(`${runOrigin}${path}`);
        this.#count('call', answer.status);
        if (answer.executionId !== null) this.executions.push(answer.executionId);
      }),
      sendHostile(runPort, path, this.#random),
      sendHostile(runPort, path, this.#random),
    ]);
  }

  #count(what: string, status: number): void {
    const key = `${what} ${status === 0 ? 'disconnected' : status}`;
    this.#statuses.set(key, (this.#statuses.get(key) ?? 0) + 1);
  }
}

async function untilTrusted({ db, runOrigin }: HostileWorld, name: string): Promise<void> {
  const until = performance.now() + 60_000;
  for (;;) {
    const { status, text } = await request(`${runOrigin}/run/${name}/`);
    assert.ok(status === 200 || performance.now() < until, text);
    if ((await findRunnable(db, name))?.standing.state === 'trusted') return;
    assert.ok(performance.now() < until, `${name} is not trusted`);
  }
}

/** Checks that every run named in a response is in the database. */
async function expectRecords(
  t: TestContext,
  { db }: HostileWorld,
  ids: readonly string[],
): Promise<void> {
  let missing: readonly string[] = ids;
  const until = performance.now() + 60_000;
  while (missing.length > 0 && performance.now() < until) {
    const rows = await db.query<{ id: string }>(
      'select id from unnest($1::uuid[]) as id where id not in (select id from executions)',
      [missing],
    );
    missing = rows.map(({ id }) => id);
    if (missing.length > 0) await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.deepEqual(missing, [], `${missing.length} of ${ids.length} runs are not on record`);
  t.diagnostic(`${ids.length} runs are on record`);
}
