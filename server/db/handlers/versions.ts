/** Versions of a handler, and their activations. */
import { randomUUIDv7 } from 'node:crypto';
import { onlyRow, type Queryable } from '../connection/database.ts';
import { CHECK_VERSION } from './checks.ts';
import { noteModules } from './loose-modules.ts';
import { readStanding, STANDING_COLUMNS, type Standing, type StandingRow } from './standing.ts';

/** Properties of an uploaded module, stored with the version. */
export interface VersionReport {
  /** Imported functions, as `module.name`. */
  readonly imports: readonly string[];
  /** The first 64 export names; absent for versions older than this field. */
  readonly exports?: readonly string[];
  /** Initial pages of its memories. */
  readonly memoryPages: number;
  readonly functions: number;
  readonly features: readonly string[];
}

export interface VersionRow extends StoredModule {
  readonly id: string;
  readonly number: number;
  readonly bytes: number;
  readonly report: VersionReport;
  readonly note: string;
  /** Name of the user who uploaded it. */
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly isActive: boolean;
  /** Standing of the module for the handler's owner. */
  readonly standing: Standing;
}

type SelectedVersion = Omit<VersionRow, 'standing'> & StandingRow;

const COLUMNS = `versions.id, versions.number, versions.digest, versions.metered_digest as "meteredDigest",
  versions.image_digest as "imageDigest", versions.bytes, versions.report, versions.note, versions.created_at as "createdAt",
  (select username from users where users.id = versions.created_by) as "createdBy",
  versions.id is not distinct from handlers.active_version_id as "isActive", ${STANDING_COLUMNS}`;

const SELECT = `select ${COLUMNS} from versions join handlers on handlers.id = versions.handler_id
  left join module_standings as standing
    on standing.owner_id = handlers.owner_id and standing.digest = versions.digest`;

function readVersion(row: SelectedVersion): VersionRow {
  return { ...row, standing: readStanding(row) };
}

/** Keys of a version's module in the object store. */
export interface StoredModule {
  /** The module as it was uploaded. */
  readonly digest: string;
  /** The metered module; if there is an image, that of its code part, which versions may share. */
  readonly meteredDigest: string;
  /** Null if the module is not split. */
  readonly imageDigest: string | null;
}

export interface NewVersion extends StoredModule {
  readonly handlerId: string;
  readonly bytes: number;
  readonly report: VersionReport;
  readonly note: string;
  readonly createdBy: string;
}

/** Inserts a version under the handler's next number. The module must have been checked by the current check. */
export async function insertVersion(tx: Queryable, version: NewVersion): Promise<VersionRow> {
  const { number } = onlyRow(
    await tx.query<{ number: number }>(
      'update handlers set version_count = version_count + 1 where id = $1 returning version_count as number',
      [version.handlerId],
    ),
  );
  const id = randomUUIDv7();
  await tx.query(
    `insert into versions (id, handler_id, number, digest, metered_digest, image_digest, bytes, report,
         note, created_by, check_version)
       values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11)`,
    [
      id,
      version.handlerId,
      number,
      version.digest,
      version.meteredDigest,
      version.imageDigest,
      version.bytes,
      JSON.stringify(version.report),
      version.note,
      version.createdBy,
      CHECK_VERSION,
    ],
  );
  return readVersion(
    onlyRow(await tx.query<SelectedVersion>(`${SELECT} where versions.id = $1`, [id])),
  );
}

export async function findVersion(
  db: Queryable,
  handlerId: string,
  number: number,
): Promise<VersionRow | undefined> {
  const [row] = await db.query<SelectedVersion>(
    `${SELECT} where versions.handler_id = $1 and versions.number = $2`,
    [handlerId, number],
  );
  return row && readVersion(row);
}

/** Removes a version that is not active; its number is not reused. Its modules are recorded as loose. */
export async function deleteVersion(
  tx: Queryable,
  { id, digest, meteredDigest, imageDigest, number }: VersionRow,
  now: Date,
): Promise<void> {
  await noteModules(
    tx,
    [digest, meteredDigest, ...(imageDigest === null ? [] : [imageDigest])],
    now,
  );
  await tx.query(
    'update activations set version_id = null, version_number = $2 where version_id = $1',
    [id, number],
  );
  await tx.query('delete from upload_keys where version_id = $1', [id]);
  await tx.query('delete from versions where id = $1', [id]);
}

/**
 * Newest first.
 * @param page.after the page has versions with lower numbers
 */
export async function listVersions(
  db: Queryable,
  handlerId: string,
  page: { after?: number | undefined; limit: number },
): Promise<VersionRow[]> {
  const rows = await db.query<SelectedVersion>(
    `${SELECT} where versions.handler_id = $1 and ($2::int is null or versions.number < $2)
     order by versions.number desc limit $3`,
    [handlerId, page.after ?? null, page.limit],
  );
  return rows.map(readVersion);
}

export interface Activation {
  readonly id: string;
  readonly version: number;
  /** Name of the user. */
  readonly activatedBy: string;
  readonly createdAt: Date;
}

/** Activates a version. */
export async function activateVersion(
  tx: Queryable,
  change: { readonly handlerId: string; readonly versionId: string; readonly userId: string },
): Promise<void> {
  await tx.query('update handlers set active_version_id = $2 where id = $1', [
    change.handlerId,
    change.versionId,
  ]);
  await tx.query(
    'insert into activations (id, handler_id, version_id, activated_by) values ($1, $2, $3, $4)',
    [randomUUIDv7(), change.handlerId, change.versionId, change.userId],
  );
}

/** Newest first. */
export function listActivations(
  db: Queryable,
  handlerId: string,
  page: { after?: string | undefined; limit: number },
): Promise<Activation[]> {
  return db.query<Activation>(
    `select activations.id, coalesce(versions.number, version_number) as version,
       users.username as "activatedBy", activations.created_at as "createdAt"
     from activations left join versions on versions.id = version_id
       join users on users.id = activated_by
     where activations.handler_id = $1 and ($2::uuid is null or activations.id < $2)
     order by activations.id desc limit $3`,
    [handlerId, page.after ?? null, page.limit],
  );
}
