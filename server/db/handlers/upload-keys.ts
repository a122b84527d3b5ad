/** Uploads with an Idempotency-Key. */
import type { Queryable } from '../connection/database.ts';

export interface UploadKey {
  readonly handlerId: string;
  readonly key: string;
}

export interface KnownUpload {
  readonly requestDigest: Uint8Array;
  /** Number of the version. */
  readonly version: number;
}

/** Returns the upload with a key. Uploads before `since` are ignored. */
export async function findUpload(
  db: Queryable,
  { handlerId, key }: UploadKey,
  since: Date,
): Promise<KnownUpload | undefined> {
  const [known] = await db.query<KnownUpload>(
    `select request_digest as "requestDigest", versions.number as version
     from upload_keys join versions on versions.id = version_id
     where upload_keys.handler_id = $1 and key = $2 and upload_keys.created_at >= $3`,
    [handlerId, key, since],
  );
  return known;
}

/** Stores the upload of a new key, and deletes the handler's uploads before `since`. */
export async function keepUpload(
  tx: Queryable,
  upload: UploadKey & {
    readonly requestDigest: Uint8Array;
    readonly versionId: string;
    readonly now: Date;
  },
  since: Date,
): Promise<void> {
  const { handlerId, key, requestDigest, versionId, now } = upload;
  await tx.query('delete from upload_keys where handler_id = $1 and created_at < $2', [
    handlerId,
    since,
  ]);
  await tx.query(
    `insert into upload_keys (handler_id, key, request_digest, version_id, created_at)
     values ($1, $2, $3, $4, $5)`,
    [handlerId, key, requestDigest, versionId, now],
  );
}
