/** To anyone but its owner, a private handler is indistinguishable from a name that does not exist. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import { notifyHandlersOf, updateHandler } from '../../server/db/handlers/handlers.ts';
import { updateUser } from '../../server/db/accounts/users.ts';
import { openFileStore } from '../../server/store/files.ts';
import type { ObjectStore } from '../../server/store/store.ts';
import { atEnd } from '../setup/at-end.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';
import { startExecutor } from '../setup/servers/executor-server.ts';

const say = (what: string): string => `(call $show "Content-Type: text/plain\\n\\n${what}")`;

interface WholeReply {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request with any Host header, which fetch does not allow setting. */
function send(
  origin: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<WholeReply> {
  return new Promise((resolve, reject) => {
    request(origin + path, { method, headers, agent: false }, (reply) => {
      text(reply).then(
        (body) => resolve({ status: reply.statusCode, headers: reply.headers, body }),
        reject,
      );
    })
      .on('error', reject)
      .end();
  });
}

suite('private handlers', () => {
  const databases = onAnyDatabase();

  test('a stranger cannot distinguish a private handler from an unknown name, whatever the request', async (t) => {
    const db = await databases.migrated(t);
    assert.ok(db);
    const { origin, authors } = await startExecutor(t, db);
    const [author, other] = [await authors.make(), await authors.make()];
    const id = await authors.deploy(author, {
      name: 'private-one',
      body: say('x'),
      isPrivate: true,
    });
    await db.query(
      `insert into handlers (id, owner_id, name, is_private) values (gen_random_uuid(), $1, 'private-two', true)`,
      [author.id],
    );
    const foreign = `Bearer ${await authors.token(other, ['handlers:call'])}`;
    const origins = { origin: 'https://elsewhere.example' };
    const preflight = { ...origins, 'access-control-request-method': 'POST' };
    const asked: [method: string, path: string, headers: Readonly<Record<string, string>>][] = [
      ['GET', '/', {}],
      ['GET', '/deep/path?x=1', origins],
      ['HEAD', '/', {}],
      ['POST', '/', { prefer: 'respond-async', 'idempotency-key': 'k' }],
      ['OPTIONS', '/', {}],
      ['OPTIONS', '/', preflight],
      ['GET', '/', { authorization: 'Basic eDp5' }],
      ['GET', '/', { authorization: 'Bearer x.y.z' }],
      ['GET', '/', { authorization: foreign }],
    ];
    const answerOf = async (
      name: string,
      [method, path, headers]: (typeof asked)[number],
      isOwnHost: boolean,
    ) => {
      const where = isOwnHost ? path : `/run/${name}${path}`;
      // fetch sets no Host.
      const reply = await send(origin, method, where, {
        ...headers,
        ...(isOwnHost ? { host: `${name}.localhost` } : {}),
      });
      delete reply.headers.date;
      return reply;
    };
    const compareAll = async (): Promise<void> => {
      for (const each of asked) {
        for (const isOwnHost of [false, true]) {
          const absent = await answerOf('nobody-one', each, isOwnHost);
          assert.equal(absent.status, 'access-control-request-method' in each[2] ? 204 : 404);
          for (const name of ['private-one', 'private-two']) {
            assert.deepEqual(
              await answerOf(name, each, isOwnHost),
              absent,
              `${name} ${JSON.stringify(each)}`,
            );
          }
        }
      }
    };
    await compareAll();
    // Now that it is loaded, because its owner called it.
    const own = { authorization: `Bearer ${await authors.token(author, ['handlers:call'])}` };
    assert.equal((await fetch(`${origin}/run/private-one/`, { headers: own })).status, 200);
    assert.equal((await fetch(`${origin}/run/private-two/`, { headers: own })).status, 409);
    await compareAll();
    await updateUser(db, author.id, { lockedAt: new Date() });
    await db.transaction((tx) => notifyHandlersOf(tx, author.id));
    await compareAll();
    await updateUser(db, author.id, { lockedAt: null });
    await db.transaction((tx) => updateHandler(tx, id, { isPrivate: false }));
    await db.transaction((tx) => notifyHandlersOf(tx, author.id));
    const until = performance.now() + 20_000;
    while ((await fetch(`${origin}/run/private-one/`)).status !== 200) {
      assert.ok(performance.now() < until, 'it is public now');
    }
  });

  test('a stranger’s calls load no module of a private handler', async (t) => {
    const db = await databases.migrated(t);
    assert.ok(db);
    const folder = await mkdtemp(join(tmpdir(), 'trisiel-private-'));
    atEnd(t, () => rm(folder, { recursive: true, force: true }));
    const files = openFileStore(folder);
    let read = 0;
    const store: ObjectStore = {
      ...files,
      get(digest) {
        read += 1;
        return files.get(digest);
      },
    };
    const { origin, authors } = await startExecutor(t, db, { store });
    const author = await authors.make();
    await authors.deploy(author, { name: 'hidden', body: say('x'), isPrivate: true });
    for (let i = 0; i < 5; i += 1) await fetch(`${origin}/run/hidden/`);
    assert.equal(read, 0);
    const own = { authorization: `Bearer ${await authors.token(author, ['handlers:call'])}` };
    assert.equal((await fetch(`${origin}/run/hidden/`, { headers: own })).status, 200);
    assert.ok(read > 0);
  });
});
