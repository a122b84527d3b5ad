/** Limits on an author's uploads per day and stored bytes. */
import type { FastifyRequest } from 'fastify';
import type { Queryable } from '../../db/connection/database.ts';
import { noteModules } from '../../db/handlers/loose-modules.ts';
import type { StoredModule } from '../../db/handlers/versions.ts';
import { countUpload, countUploads, sumStoredBytes } from '../../db/handlers/uploads.ts';
import { ProblemError } from '../../problems/problems.ts';
import type { Caller } from '../auth/caller.ts';
import { MULTIPART_BYTES } from './upload-gate.ts';
import type { Services } from '../services.ts';
import { digestOf } from '../../store/store.ts';
import type { CheckedModule } from '../module-check/messages.ts';

const DAY_MS = 86_400_000;

/** Checks the limits before the body is read, by its declared size. Throws `too-many-requests` or `limit-reached`. */
export async function checkRoom(
  { db, clock }: Services,
  user: Caller,
  request: FastifyRequest,
): Promise<void> {
  const now = clock();
  const { uploadsPerDay } = user.limits;
  if ((await countUploads(db, user.id, now)) >= uploadsPerDay) throw tooMany(uploadsPerDay, now);
  const length = Number(request.headers['content-length'] ?? 0);
  const around = request.isMultipart() ? MULTIPART_BYTES : 0;
  await checkStored(db, user, Math.max(1, length - around));
}

/** Stores a checked module as uploaded and as executors load it, after counting it towards the daily limit. */
export async function storeModule(
  services: Services,
  user: Caller,
  bytes: Uint8Array,
  { metered, image }: CheckedModule,
): Promise<StoredModule> {
  const parts = image === undefined ? [bytes, metered] : [bytes, metered, image];
  await takeRoom(services, user, await Promise.all(parts.map(digestOf)));
  const [digest = '', meteredDigest = '', imageDigest = null] = await Promise.all(
    parts.map((each) => services.store.put(each)),
  );
  services.metrics.onUpload('accepted');
  return { digest, meteredDigest, imageDigest };
}

/** Counts an upload, and registers its modules for removal unless a version refers to them later. */
async function takeRoom(
  { db, clock }: Services,
  user: Caller,
  digests: readonly string[],
): Promise<void> {
  const now = clock();
  const { uploadsPerDay } = user.limits;
  await db.transaction(async (tx) => {
    if (!(await countUpload(tx, user.id, now, uploadsPerDay))) throw tooMany(uploadsPerDay, now);
    await noteModules(tx, digests, now);
  });
}

export async function checkStored(db: Queryable, user: Caller, bytes: number): Promise<void> {
  const { storedBytes } = user.limits;
  if ((await sumStoredBytes(db, user.id)) + bytes <= storedBytes) return;
  throw new ProblemError(
    'limit-reached',
    `Your modules would have more than ${storedBytes} bytes together, which is what your tier allows. Delete versions that you no longer need.`,
    // Closes the connection, because the rest of the body may not be read.
    { headers: { connection: 'close' } },
  );
}

function tooMany(limit: number, now: Date): ProblemError {
  const seconds = Math.ceil((DAY_MS - (now.getTime() % DAY_MS)) / 1000);
  return new ProblemError(
    'too-many-requests',
    `You have uploaded ${limit} modules today, which is what your tier allows. Try again after midnight UTC.`,
    { headers: { 'retry-after': String(seconds), connection: 'close' } },
  );
}
