/** A new key in SECRET_KEYS: nothing that was encrypted before is lost, and the old key can be removed. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { KeyRing } from '../../server/auth/keys.ts';
import { Housekeeper } from '../../server/api/housekeeping/housekeeper.ts';
import { listSealedValues, placeOfValue } from '../../server/db/handlers/config-values.ts';
import type { Database } from '../../server/db/connection/database.ts';
import { Sealer } from '../../server/sealer.ts';
import { Browser, field, signInAs, startApi, textField } from '../setup/servers/api-server.ts';
import { onOneDatabase } from '../setup/servers/databases.ts';
import { startExecutor } from '../setup/servers/executor-server.ts';

const ROOT = join(import.meta.dirname, '../..');
const hello = Uint8Array.from(readFileSync(join(ROOT, 'examples/hello-http/module.wasm')));
const DAY_MS = 86_400_000;

onOneDatabase('a new secret key', (databases) => {
  test('decrypts values of the previous key, encrypts new values, and finally works alone', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const [old, fresh] = [randomBytes(32), randomBytes(32)];
    const before = await startApi(t, db, { sealer: new Sealer([old]) });
    const author = await signInAs(before, 'author');
    await author.send('POST', '/api/handlers', { json: { name: 'target' } });
    const config = '/api/handlers/target/config';
    await author.send('PATCH', config, { json: { set: { BEFORE: 'one', CHANGED: 'two' } } });
    const made = { name: 'x', scopes: ['account:read', 'tokens:write'] };
    const token = textField(
      (await author.send('POST', '/api/tokens', { json: made })).body,
      'token',
    );

    const sealer = new Sealer([fresh, old]);
    await before.close();
    const { port } = before;
    const between = await startApi(t, db, { sealer, port });
    const program = new Browser(between.origin);
    assert.equal((await program.send('GET', '/api/whoami', { token })).status, 200);
    const next = await program.send('POST', '/api/tokens', { token, json: made });
    assert.equal(next.status, 201, 'the old signing key still signs');
    assert.equal(kidOf(textField(next.body, 'token')), kidOf(token));
    const nextAuthor = await signInAs(between, 'author');
    await nextAuthor.send('PATCH', config, { json: { set: { CHANGED: 'three' } } });
    assert.deepEqual(await openAll(db, sealer), { BEFORE: 'one', CHANGED: 'three' });
    await assert.rejects(openAll(db, new Sealer([fresh])), /not among SECRET_KEYS/);
    const listed = await nextAuthor.send('GET', config);

    const log = pino({ level: 'silent' });
    const { store } = between;
    const keeper = new Housekeeper({ db, store, sealer, keepDays: 30, admins: [], log });
    assert.deepEqual(
      await keeper.round(),
      { 'values encrypted again': 2 },
      'a value and the signing key',
    );
    assert.deepEqual(await keeper.round(), {});
    const alone = new Sealer([fresh]);
    assert.deepEqual(await openAll(db, alone), { BEFORE: 'one', CHANGED: 'three' });
    await between.close();
    const after = await startApi(t, db, { sealer: alone, port });
    const last = await new Browser(after.origin).send('POST', '/api/tokens', { token, json: made });
    assert.equal(kidOf(textField(last.body, 'token')), kidOf(token));
    const lastAuthor = await signInAs(after, 'author');
    assert.deepEqual(
      (await lastAuthor.send('GET', config)).body,
      listed.body,
      'the values were not set again',
    );
  });

  test('that was set without the previous one: tokens stay valid, and values that cannot be decrypted are reported', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const before = await startApi(t, db);
    const author = await signInAs(before, 'author');
    const wasm = { body: hello, headers: { 'content-type': 'application/wasm' } };
    for (const name of ['sealed', 'plain']) {
      await author.send('POST', '/api/handlers', { json: { name } });
      const uploaded = await author.send('POST', `/api/handlers/${name}/versions`, wasm);
      assert.equal(uploaded.status, 201, uploaded.text);
    }
    const config = '/api/handlers/sealed/config';
    await author.send('PATCH', config, { json: { set: { A: 'b' } } });
    const made = { name: 'x', scopes: ['account:read', 'tokens:write'] };
    const token = textField(
      (await author.send('POST', '/api/tokens', { json: made })).body,
      'token',
    );

    const sealer = new Sealer([randomBytes(32)]);
    const { store, port } = before;
    await before.close();
    const lines: string[] = [];
    const log = pino({}, { write: (line: string) => void lines.push(line) });
    const keeper = new Housekeeper({ db, store, sealer, keepDays: 30, admins: [], log });
    await keeper.round();
    assert.match(lines.join(''), /"count":1.*cannot be decrypted with SECRET_KEYS/);

    const after = await startApi(t, db, { sealer, store, port });
    const next = await new Browser(after.origin).send('POST', '/api/tokens', { token, json: made });
    assert.equal(next.status, 201, next.text);
    assert.notEqual(kidOf(textField(next.body, 'token')), kidOf(token));
    const executor = await startExecutor(t, db, { store, sealer });
    const answer = await fetch(`${executor.origin}/run/sealed/`);
    const problem: unknown = await answer.json();
    assert.deepEqual([answer.status, field(problem, 'code')], [503, 'unavailable']);
    assert.match(textField(problem, 'detail'), /cannot be loaded now/);
    assert.match(executor.logged(), /encrypted with a key that is not among SECRET_KEYS/);
    assert.equal((await fetch(`${executor.origin}/run/plain/`)).status, 200, 'others answer');

    const nextAuthor = await signInAs(after, 'author');
    await nextAuthor.send('PATCH', config, { json: { set: { A: 'c' } } });
    assert.equal(
      (await fetch(`${executor.origin}/run/sealed/`)).status,
      200,
      'it responds after its value is set again',
    );
  });

  test('does not depend on the age of a signing key: if a new one cannot be created, the old one is used', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const api = await startApi(t, db);
    const author = await signInAs(api, 'author');
    const json = { name: 'x', scopes: ['account:read'] };
    const first = kidOf(
      textField((await author.send('POST', '/api/tokens', { json })).body, 'token'),
    );
    api.pass(91 * DAY_MS);
    const old: Database = {
      ...db,
      transaction: async () => {
        throw Object.assign(new Error('permission denied'), { code: '42501' });
      },
    };

    assert.equal((await new KeyRing(old, api.sealer, api.clock).signer()).kid, first);
    assert.notEqual((await new KeyRing(db, api.sealer, api.clock).signer()).kid, first);
  });
});

/** Decrypts the values by name, as an executor does. */
async function openAll(db: Database, sealer: Sealer): Promise<Record<string, string>> {
  const [handler] = await db.query<{ id: string }>("select id from handlers where name = 'target'");
  const id = handler?.id ?? '';
  const values = await listSealedValues(db, id);
  return Object.fromEntries(
    values.map(({ key, sealedValue }) => [key, sealer.open(sealedValue, placeOfValue(id, key))]),
  );
}

function kidOf(token: string): unknown {
  const head: unknown = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
  return field(head, 'kid');
}
