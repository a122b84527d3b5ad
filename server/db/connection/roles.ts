/** Rights of each kind of process in PostgreSQL: one table, from which grants are generated. */
import { sqlState, type Database } from './database.ts';

type Privilege = 'select' | 'insert' | 'update' | 'delete';

/** Of all columns of a table, or of some. */
export type Rights = readonly Privilege[] | { readonly select: readonly string[] };

const READ = ['select'] as const;
const ADD = ['select', 'insert'] as const;
const CHANGE = ['select', 'insert', 'update'] as const;
const REMOVE = ['select', 'delete'] as const;
const ALL = [...CHANGE, 'delete'] as const;

export const ROLES = {
  api: {
    name: 'trisiel_api',
    tables: {
      users: CHANGE,
      sessions: ALL,
      signing_keys: CHANGE,
      tokens: ALL,
      command_logins: ALL,
      applications: CHANGE,
      audit_events: ADD,
      handlers: ALL,
      versions: ALL,
      activations: ALL,
      upload_keys: [...ADD, 'delete'],
      upload_days: ALL,
      loose_modules: ALL,
      config_values: ALL,
      module_standings: ALL,
      executions: REMOVE,
      calls: REMOVE,
      usage_days: READ,
    },
  },
  executor: {
    name: 'trisiel_executor',
    tables: {
      // What a call's token is checked by, and what the owner's tier is. No names, addresses or times.
      users: { select: ['id', 'tier', 'locked_at'] },
      signing_keys: READ,
      tokens: { select: ['id', 'user_id', 'scopes', 'expires_at', 'revoked_at'] },
      handlers: READ,
      versions: READ,
      config_values: READ,
      module_standings: CHANGE,
      executions: CHANGE,
      usage_days: CHANGE,
      run_days: ALL,
      caller_days: ALL,
      calls: CHANGE,
    },
  },
} as const satisfies Record<string, { name: string; tables: Record<string, Rights> }>;

export type RoleName = keyof typeof ROLES;

/** duplicate_object, unique_violation: another process created the role at the same moment. */
const MADE_MEANWHILE = new Set(['42710', '23505']);
const INSUFFICIENT_PRIVILEGE = '42501';
const GRANTS_LOCK = 7_305_414;

/**
 * Creates the roles, grants what the table lists and revokes the rest; idempotent. Returns false if the login may not
 * create roles: each process then works as the login itself.
 */
export async function grantRoles(db: Database): Promise<boolean> {
  for (const { name, tables } of Object.values(ROLES)) {
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
