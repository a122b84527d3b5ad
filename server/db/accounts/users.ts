/** Users. A user is identified by issuer and subject; the name may change with each sign-in. */
import { randomUUIDv7 } from 'node:crypto';
import { onlyRow, type Queryable } from '../connection/database.ts';

export interface UserRow {
  readonly id: string;
  /** The issuer's stable identifier of the user. */
  readonly subject: string;
  readonly username: string;
  readonly email: string | null;
  readonly isAdmin: boolean;
  readonly tier: number;
  readonly lockedAt: Date | null;
  readonly lockedReason: string | null;
  readonly createdAt: Date;
}

export const USER_COLUMNS = `users.id, users.subject, users.username, users.email, users.is_admin as "isAdmin", users.tier,
  users.locked_at as "lockedAt", users.locked_reason as "lockedReason", users.created_at as "createdAt"`;

export interface SignedIn {
  readonly issuer: string;
  readonly subject: string;
  readonly username: string;
  readonly email: string | null;
  readonly isAdmin: boolean;
  /** The tier of a new user. Default: 0. */
  readonly firstTier?: number;
}

/** Returns the user of an identity, created at the first sign-in. */
export async function upsertUser(db: Queryable, who: SignedIn): Promise<UserRow> {
  return onlyRow(
    await db.query<UserRow>(
      `insert into users (id, issuer, subject, username, email, is_admin, tier)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (issuer, subject) do update set username = excluded.username, email = excluded.email,
         is_admin = excluded.is_admin
       returning ${USER_COLUMNS}`,
      [
        randomUUIDv7(),
        who.issuer,
        who.subject,
        who.username,
        who.email,
        who.isAdmin,
        who.firstTier ?? 0,
      ],
    ),
  );
}

export async function findUser(db: Queryable, id: string): Promise<UserRow | undefined> {
  const [user] = await db.query<UserRow>(`select ${USER_COLUMNS} from users where id = $1`, [id]);
  return user;
}

/** Locks the user's row until the transaction ends, so that a limit holds. */
export async function lockUser(tx: Queryable, id: string): Promise<void> {
  // The lock does not block writing runs that reference the row.
  await tx.query('select 1 from users where id = $1 for no key update', [id]);
}

export interface UserFilter {
  /** Text in the name. Not case-sensitive. */
  readonly search?: string | undefined;
  readonly tier?: number | undefined;
  readonly locked?: boolean | undefined;
  /** The last ID of the previous page. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Newest first. */
export function listUsers(db: Queryable, filter: UserFilter): Promise<UserRow[]> {
  return db.query<UserRow>(
    `select ${USER_COLUMNS} from users
     where ($1::text is null or position(lower($1) in lower(username)) > 0)
       and ($2::int is null or tier = $2)
       and ($3::boolean is null or (locked_at is not null) = $3)
       and ($4::uuid is null or id < $4)
     order by id desc limit $5`,
    [
      filter.search ?? null,
      filter.tier ?? null,
      filter.locked ?? null,
      filter.after ?? null,
      filter.limit,
    ],
  );
}

export interface UserChange {
  readonly tier?: number | undefined;
  readonly lockedAt?: Date | null;
  readonly lockedReason?: string | null;
}

/** Returns undefined if there is no such user. */
export async function updateUser(
  db: Queryable,
  id: string,
  change: UserChange,
): Promise<UserRow | undefined> {
  const [user] = await db.query<UserRow>(
    `update users set tier = coalesce($2, tier),
       locked_at = case when $3 then $4::timestamptz else locked_at end,
       locked_reason = case when $3 then $5 else locked_reason end
     where id = $1 returning ${USER_COLUMNS}`,
    [
      id,
      change.tier ?? null,
      change.lockedAt !== undefined,
      change.lockedAt ?? null,
      change.lockedReason ?? null,
    ],
  );
  return user;
}

/** Revokes administrator rights of users in neither list. Returns their user names. */
export async function demoteAllBut(
  db: Queryable,
  kept: { readonly usernames: readonly string[]; readonly subjects: readonly string[] },
): Promise<string[]> {
  const demoted = await db.query<{ username: string }>(
    `update users set is_admin = false
     where is_admin and username <> all ($1::text[]) and subject <> all ($2::text[]) returning username`,
    [[...kept.usernames], [...kept.subjects]],
  );
  return demoted.map(({ username }) => username);
}
