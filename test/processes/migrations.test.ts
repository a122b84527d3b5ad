import assert from 'node:assert/strict';
import { test } from 'node:test';
import { migrate, readMigrations } from '../../server/db/connection/migrate.ts';
import { openPostgres } from '../../server/db/connection/postgres.ts';
import { grantRoles, ROLES, type Rights } from '../../server/db/connection/roles.ts';
import { atEnd } from '../setup/at-end.ts';
import { signInAs, startApi, textField } from '../setup/servers/api-server.ts';
import { onEachDatabase } from '../setup/servers/databases.ts';

onEachDatabase('migrations', (databases) => {
  test('change nothing if run again', async (t) => {
    const db = await databases.empty(t);
    if (db === undefined) return;
    const migrations = await readMigrations();
    assert.deepEqual(
      await migrate(db, migrations),
      migrations.map(({ name }) => name),
    );
    assert.deepEqual(await migrate(db, migrations), []);
    const tables = await db.query<{ name: string }>(
      `select table_name as name from information_schema.tables
       where table_schema = current_schema() and table_name <> 'schema_migrations'`,
    );
    const granted = new Set(Object.values(ROLES).flatMap((role) => Object.keys(role.tables)));
    const missing = tables.map(({ name }) => name).filter((name) => !granted.has(name));
    assert.deepEqual(missing, [], 'no process may use these tables');
  });

  test('run by several processes at once are each applied once', async (t) => {
    const db = await databases.empty(t);
    if (db === undefined) return;
    const migrations = await readMigrations();
    const applied = await Promise.all([
      migrate(db, migrations),
      migrate(db, migrations),
      migrate(db, migrations),
    ]);
    assert.deepEqual(
      applied.flat().sort(),
      migrations.map(({ name }) => name),
    );
  });

  test('are rolled back completely on failure', async (t) => {
    const db = await databases.empty(t);
    if (db === undefined) return;
    const good = await readMigrations();
    const bad = {
      name: '9999-bad',
      text: 'create table half (id int); insert into half values (1); select 1/0;',
    };
    await assert.rejects(migrate(db, [...good, bad]), /division by zero/);
    assert.deepEqual(await db.query("select to_regclass('half')::text as found"), [
      { found: null },
    ]);
    assert.deepEqual(await db.query("select 1 from schema_migrations where name = '9999-bad'"), []);
    assert.deepEqual(await migrate(db, good), []);
  });

  test('can run while the previous release serves: none of its requests fails', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const api = await startApi(t, db);
    const author = await signInAs(api, 'author');
    const ended = new AbortController();
    const served: number[] = [];
    const serving = (async () => {
      while (!ended.signal.aborted) {
        const made = await author.send('POST', '/api/tokens', {
          json: { name: 'x', scopes: ['account:read'] },
        });
        const gone = await author.send('DELETE', `/api/tokens/${textField(made.body, 'id')}`);
        assert.deepEqual([made.status, gone.status], [201, 200]);
        served.push(made.status);
      }
    })();
    const next = {
      name: '9999-next',
      text: `alter table tokens add column colour text not null default 'red';
        create index tokens_colour on tokens (colour);
        update tokens set colour = 'blue';`,
    };
    const applied = await migrate(db, [...(await readMigrations()), next]);
    const before = served.length;
    while (served.length < before + 5) await new Promise((resolve) => setTimeout(resolve, 10));
    ended.abort();
    await serving;
    assert.deepEqual(applied, ['9999-next']);
  });

  test('a file that was changed after it was applied is refused', async (t) => {
    const db = await databases.empty(t);
    if (db === undefined) return;
    const [first, ...rest] = await readMigrations();
    assert.ok(first);
    await migrate(db, [first, ...rest]);
    await assert.rejects(
      migrate(db, [{ ...first, text: `${first.text} -- more` }]),
      /has changed since/,
    );
  });

  test('every table has created_at, updated_at and the trigger that keeps it', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const tables = await db.query<{ name: string; columns: number; triggers: number }>(`
      select c.relname as name,
        (select count(*)::int from pg_attribute a where a.attrelid = c.oid and a.attnotnull
          and a.attname in ('created_at', 'updated_at')) as columns,
        (select count(*)::int from pg_trigger t join pg_proc p on p.oid = t.tgfoid
          where t.tgrelid = c.oid and p.proname = 'set_updated_at' and t.tgenabled = 'O') as triggers
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and n.nspname = current_schema()`);
    assert.ok(tables.length >= 12);
    for (const { name, columns, triggers } of tables)
      assert.deepEqual([name, columns, triggers], [name, 2, 1]);
  });

  test('the trigger sets updated_at, whatever a statement says', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    await db.execute(`insert into users (id, issuer, subject, username, updated_at)
      values (gen_random_uuid(), 'i', 's', 'u', '2000-01-01')`);
    await db.execute("update users set username = 'v', updated_at = '2000-01-01'");
    const [row] = await db.query<{ fresh: boolean }>(
      "select updated_at > '2020-01-01' as fresh from users",
    );
    assert.equal(row?.fresh, true);
  });

  test('each role has exactly the rights in the table of grants', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    assert.equal(await grantRoles(db), true);
    assert.equal(await grantRoles(db), true, 'granting again is harmless');
    const rows = await db.query<{ role: string; name: string; privilege: string }>(
      `select r.rolname as role, c.relname as name, p.privilege
       from pg_roles r, pg_class c join pg_namespace n on n.oid = c.relnamespace,
         unnest(array['select', 'insert', 'update', 'delete']) as p (privilege)
       where r.rolname = any ($1) and c.relkind = 'r' and n.nspname = current_schema()
         and has_table_privilege(r.oid, c.oid, p.privilege)`,
      [Object.values(ROLES).map(({ name }) => name)],
    );
    const found = rows.map(({ role, name, privilege }) => `${role} ${privilege} ${name}`).sort();
    const wanted = Object.values(ROLES).flatMap(({ name, tables }) =>
      Object.entries<Rights>(tables).flatMap(([table, rights]) =>
        'select' in rights ? [] : rights.map((each) => `${name} ${each} ${table}`),
      ),
    );
    assert.deepEqual(found, wanted.sort());
    const columns = await db.query<{ table: string; name: string }>(
      `select c.relname as table, a.attname as name
       from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
       where c.relname in ('users', 'tokens', 'signing_keys') and n.nspname = current_schema() and a.attnum > 0
         and has_column_privilege($1, c.oid, a.attnum, 'select')
       order by c.relname, a.attname`,
      [ROLES.executor.name],
    );
    assert.deepEqual(
      columns.map(({ table, name }) => `${table} ${name}`),
      [
        ...['created_at', 'kid', 'public_jwk', 'retired_at'].map((name) => `signing_keys ${name}`),
        ...['id', 'locked_at', 'tier'].map((name) => `users ${name}`),
      ],
    );
    const url = databases.url();
    if (url === undefined) return;
    const [schema] = await db.query<{ name: string }>('select current_schema() as name');
    const executor = openPostgres({
      url,
      pool: 1,
      role: ROLES.executor.name,
      schema: schema?.name ?? '',
    });
    atEnd(t, () => executor.close());
    await executor.query('select 1 from handlers');
    await assert.rejects(executor.query('select 1 from sessions'), { code: '42501' });
    await assert.rejects(executor.query('update users set tier = 2'), { code: '42501' });
  });
});
