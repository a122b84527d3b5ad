/** Database rows of the example handlers and their owner. */
import { randomUUIDv7 } from 'node:crypto';
import { CHECK_VERSION } from './checks.ts';
import type { Queryable } from '../connection/database.ts';
import type { StoredModule, VersionReport } from './versions.ts';

export interface ExamplesOwner {
  readonly id: string;
  readonly issuer: string;
  readonly subject: string;
  readonly tier: number;
}

/** Serializes processes that deploy examples at the same time. */
export async function lockExamples(tx: Queryable): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1)', [7_305_413]);
}

export async function upsertExamplesOwner(tx: Queryable, owner: ExamplesOwner): Promise<void> {
  await tx.query(
    `insert into users (id, issuer, subject, username, tier) values ($1, $2, $3, $3, $4)
     on conflict (id) do update set tier = excluded.tier`,
    [owner.id, owner.issuer, owner.subject, owner.tier],
  );
}

export interface DeployedExample {
  readonly id: string;
  readonly activeVersionId: string | null;
  readonly policy: string | null;
}

export function listDeployedExamples(db: Queryable, ownerId: string): Promise<DeployedExample[]> {
  return db.query(
    `select id, active_version_id as "activeVersionId", policy from handlers
     where owner_id = $1 and deleted_at is null`,
    [ownerId],
  );
}

export interface ExampleRows extends StoredModule {
  readonly ownerId: string;
  readonly handlerId: string;
  readonly versionId: string;
  readonly name: string;
  readonly description: string;
  readonly policy: string | null;
  readonly bytes: number;
  readonly report: VersionReport;
}

/** Returns false if another owner's handler has the name. */
export async function upsertExample(tx: Queryable, rows: ExampleRows): Promise<boolean> {
  const made = await tx.query(
    `insert into handlers as known (id, owner_id, name, description, policy) values ($1, $2, $3, $4, $5)
     on conflict do nothing returning id`,
    [rows.handlerId, rows.ownerId, rows.name, rows.description, rows.policy],
  );
  if (made.length === 0) {
    const own = await tx.query(
      `update handlers set name = $2, description = $3, policy = $4, deleted_at = null where id = $1 returning id`,
      [rows.handlerId, rows.name, rows.description, rows.policy],
    );
    if (own.length === 0) return false;
  }
  const fresh = await tx.query(
    `insert into versions (id, handler_id, number, digest, metered_digest, image_digest, bytes, report,
       created_by, check_version)
     select $1, $2, version_count + 1, $3, $4, $5, $6, $7::jsonb, $8, $9 from handlers where handlers.id = $2
     on conflict (id) do nothing returning id`,
    [
      rows.versionId,
      rows.handlerId,
      rows.digest,
      rows.meteredDigest,
      rows.imageDigest,
      rows.bytes,
      JSON.stringify(rows.report),
      rows.ownerId,
      // The modules ship with the server.
      CHECK_VERSION,
    ],
  );
  await tx.query(
    `update handlers set active_version_id = $2, version_count = version_count + $3 where id = $1`,
    [rows.handlerId, rows.versionId, fresh.length],
  );
  await tx.query(
    'insert into activations (id, handler_id, version_id, activated_by) values ($1, $2, $3, $4)',
    [randomUUIDv7(), rows.handlerId, rows.versionId, rows.ownerId],
  );
  return true;
}
