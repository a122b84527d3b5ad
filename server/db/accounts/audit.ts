/** The audit log of changes. Rows are only added, in the transaction of the change. */
import { randomUUIDv7 } from 'node:crypto';
import type { Queryable } from '../connection/database.ts';

/** Names and IDs of what was changed, by field. Never contains secrets. */
export type AuditTarget = Readonly<
  Record<string, string | number | boolean | readonly string[] | null>
>;

export interface NewAuditEvent {
  readonly actorId: string;
  readonly tokenId: string | undefined;
  readonly action: string;
  readonly target: AuditTarget;
  readonly address: string;
}

export interface AuditEvent {
  readonly id: string;
  readonly actorId: string;
  readonly actor: string;
  readonly tokenId: string | null;
  readonly action: string;
  readonly target: AuditTarget;
  readonly address: string;
  readonly createdAt: Date;
}

export async function insertAuditEvent(tx: Queryable, event: NewAuditEvent): Promise<void> {
  await tx.query(
    `insert into audit_events (id, actor_id, token_id, action, target, address)
     values ($1, $2, $3, $4, $5::jsonb, $6)`,
    [
      randomUUIDv7(),
      event.actorId,
      event.tokenId ?? null,
      event.action,
      JSON.stringify(event.target),
      event.address,
    ],
  );
}

export interface AuditFilter {
  /** Undefined for all users. */
  readonly actorId?: string | undefined;
  readonly action?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Newest first. */
export function listAuditEvents(db: Queryable, filter: AuditFilter): Promise<AuditEvent[]> {
  return db.query<AuditEvent>(
    `select audit_events.id, actor_id as "actorId", users.username as actor, token_id as "tokenId", action,
       target, address, audit_events.created_at as "createdAt"
     from audit_events join users on users.id = actor_id
     where ($1::uuid is null or actor_id = $1) and ($2::text is null or action = $2)
       and ($3::uuid is null or audit_events.id < $3)
     order by audit_events.id desc limit $4`,
    [filter.actorId ?? null, filter.action ?? null, filter.after ?? null, filter.limit],
  );
}
