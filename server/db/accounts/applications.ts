/** Applications for the free tier. */
import { randomUUIDv7 } from 'node:crypto';
import { onlyRow, type Queryable } from '../connection/database.ts';

export type ApplicationStatus = 'pending' | 'approved' | 'refused';

export interface Application {
  readonly id: string;
  readonly userId: string;
  readonly username: string;
  readonly purpose: string;
  readonly status: ApplicationStatus;
  readonly answer: string | null;
  readonly decidedAt: Date | null;
  readonly createdAt: Date;
}

const COLUMNS = `applications.id, applications.user_id as "userId", applications.purpose, applications.status,
  applications.answer, applications.decided_at as "decidedAt", applications.created_at as "createdAt",
  (select username from users where users.id = applications.user_id) as username`;

/** Fails with unique_violation if the user has a pending one. */
export async function insertApplication(
  db: Queryable,
  userId: string,
  purpose: string,
): Promise<Application> {
  return onlyRow(
    await db.query<Application>(
      `insert into applications (id, user_id, purpose) values ($1, $2, $3) returning ${COLUMNS}`,
      [randomUUIDv7(), userId, purpose],
    ),
  );
}

export interface ApplicationFilter {
  /** Undefined for all users. */
  readonly userId?: string | undefined;
  readonly status?: ApplicationStatus | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Newest first. */
export function listApplications(db: Queryable, filter: ApplicationFilter): Promise<Application[]> {
  return db.query<Application>(
    `select ${COLUMNS} from applications
     where ($1::uuid is null or user_id = $1) and ($2::text is null or status = $2)
       and ($3::uuid is null or id < $3)
     order by id desc limit $4`,
    [filter.userId ?? null, filter.status ?? null, filter.after ?? null, filter.limit],
  );
}

export interface DecidedApplication {
  readonly id: string;
  readonly status: 'approved' | 'refused';
  readonly answer: string;
  readonly decidedBy: string;
  readonly now: Date;
}

/** Returns undefined if there is no pending application with this id. */
export async function decideApplication(
  tx: Queryable,
  decision: DecidedApplication,
): Promise<Application | undefined> {
  const [decided] = await tx.query<Application>(
    `update applications set status = $2, answer = $3, decided_by = $4, decided_at = $5
     where id = $1 and status = 'pending' returning ${COLUMNS}`,
    [decision.id, decision.status, decision.answer, decision.decidedBy, decision.now],
  );
  return decided;
}

/** Whether there is such an application, decided or not. */
export async function hasApplication(db: Queryable, id: string): Promise<boolean> {
  return (await db.query('select 1 from applications where id = $1', [id])).length > 0;
}
