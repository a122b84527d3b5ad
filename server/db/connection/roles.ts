/** Rights of each kind of process in PostgreSQL: a row for each table, from which grants are generated. */
import { sqlState, type Database } from './database.ts';

type Privilege = 'select' | 'insert' | 'update' | 'delete';

/** Privileges on all columns of a table, or on some. */
export type Rights = readonly Privilege[] | { readonly select: readonly string[] };

const READ = ['select'] as const;
const ADD = ['select', 'insert'] as const;
const CHANGE = ['select', 'insert', 'update'] as const;
const REMOVE = ['select', 'delete'] as const;
const ALL = [...CHANGE, 'delete'] as const;

export type RoleName = 'api' | 'executor';

/** The rights of both roles to each table. The queue creates its tables itself. */
const GRANTS: Readonly<Record<string, Partial<Record<RoleName, Rights>>>> = {
  // Executors read the owner's tier: no names, addresses or times.
  users: { api: CHANGE, executor: { select: ['id', 'tier', 'locked_at'] } },
  sessions: { api: ALL },
  // Executors verify tokens, whose owner they look up with `token_owner`, and sign callbacks.
  signing_keys: {
    api: CHANGE,
    executor: { select: ['kid', 'public_jwk', 'retired_at', 'created_at'] },
  },
  callback_keys: { api: CHANGE, executor: READ },
  tokens: { api: ALL },
  command_logins: { api: ALL },
  applications: { api: CHANGE },
  audit_events: { api: ADD },
  handlers: { api: ALL, executor: READ },
  versions: { api: ALL, executor: READ },
  activations: { api: ALL },
  upload_keys: { api: [...ADD, 'delete'] },
  upload_days: { api: ALL },
  loose_modules: { api: ALL },
  config_values: { api: ALL, executor: READ },
  module_standings: { api: ALL, executor: CHANGE },
  executions: { api: REMOVE, executor: CHANGE },
  calls: { api: REMOVE, executor: CHANGE },
  usage_days: { api: READ, executor: CHANGE },
  run_intervals: { api: REMOVE, executor: CHANGE },
  run_days: { executor: ALL },
  caller_days: { executor: ALL },
};

export const ROLES = {
  api: { name: 'trisiel_api', tables: grantsOf('api'), functions: [] },
  executor: {
    name: 'trisiel_executor',
    tables: grantsOf('executor'),
    // These functions have the rights of the owner of the database.
    functions: ['token_owner(uuid, timestamptz)'],
  },
};

function grantsOf(role: RoleName): Readonly<Record<string, Rights>> {
  return Object.fromEntries(
    Object.entries(GRANTS).flatMap(([table, { [role]: rights }]) =>
      rights === undefined ? [] : [[table, rights] as const],
    ),
  );
}

/** duplicate_object, unique_violation: another process created the role at the same moment. */
const MADE_MEANWHILE = new Set(['42710', '23505']);
const INSUFFICIENT_PRIVILEGE = '42501';
const GRANTS_LOCK = 7_305_414;

/**
 * Creates the roles, grants what the table lists and revokes the rest; idempotent. Returns false if the login may not
 * create roles: each process then works as the login itself.
 */
export async function grantRoles(db: Database): Promise<boolean> {
  for (const { name, tables, functions } of Object.values(ROLES)) {
    const known = await db.query('select 1 from pg_roles where rolname = $1', [name]);
    try {
      if (known.length === 0) await db.execute(`create role ${name} nologin`);
      await db.transaction(async (tx) => {
        // Processes starting together would update the same catalog rows.
        await tx.query('select pg_advisory_xact_lock($1)', [GRANTS_LOCK]);
        const [schema] = await tx.query<{ name: string }>(
          'select quote_ident(current_schema()) as name',
        );
        const within = schema?.name ?? 'public';
        await tx.execute(`revoke all on all tables in schema ${within} from ${name}`);
        await tx.execute(`grant usage on schema ${within} to ${name}`);
        for (const [table, rights] of Object.entries<Rights>(tables)) {
          const listed =
            'select' in rights ? `select (${rights.select.join(', ')})` : rights.join(', ');
          await tx.execute(`grant ${listed} on ${table} to ${name}`);
        }
        for (const each of functions) {
          await tx.execute(`grant execute on function ${within}.${each} to ${name}`);
        }
        await tx.execute(`grant ${name} to current_user`);
      });
    } catch (error) {
      const state = sqlState(error) ?? '';
      if (state === INSUFFICIENT_PRIVILEGE) return false;
      if (!MADE_MEANWHILE.has(state)) throw error;
      return grantRoles(db);
    }
  }
  return true;
}

/** Lets executors read and write the rows of the queue in the embedded database. */
export async function grantQueue(db: Database, schema: string): Promise<void> {
  const { name } = ROLES.executor;
  await db.execute(
    `grant usage on schema ${schema} to ${name};
     grant select, insert, update, delete on all tables in schema ${schema} to ${name}`,
  );
}
