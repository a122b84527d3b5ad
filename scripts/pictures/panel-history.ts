/** Generates a week of sample runs for screenshots: busy by day, quiet by night, and one hour with many failures. */
import { randomUUID } from 'node:crypto';
import type { Database } from '../../server/db/connection/database.ts';
import { writeExecutions, type NewExecution } from '../../server/db/runs/executions.ts';

interface Owned {
  readonly id: string;
  readonly name: string;
}

const HOUR_MS = 3_600_000;
const WEEK_HOURS = 7 * 24;
const BATCH = 250;
/** The hour before now in which half of the runs failed. */
const BAD_HOUR = 9;

export async function writeHistory(db: Database, ownerId: string): Promise<void> {
  const handlers = await db.query<Owned>('select id, name from handlers where owner_id = $1', [
    ownerId,
  ]);
  const runs: NewExecution[] = [];
  for (let hour = 0; hour < WEEK_HOURS; hour += 1) {
    for (let at = 0; at < countOf(hour); at += 1) {
      const handler = handlers[(hour + at) % handlers.length];
      if (handler !== undefined) runs.push(makeRun(ownerId, handler, hour, at));
    }
  }
  for (let at = 0; at < runs.length; at += BATCH) {
    await db.transaction((tx) => writeExecutions(tx, runs.slice(at, at + BATCH)));
  }
}

/** Runs of an hour; the last hour is 0. */
function countOf(hour: number): number {
  const ofDay = new Date(Date.now() - hour * HOUR_MS).getUTCHours();
  const light = Math.max(0, Math.sin(((ofDay - 5) / 16) * Math.PI));
  return Math.round(5 + 18 * light + 5 * chance(hour));
}

function makeRun(ownerId: string, handler: Owned, hour: number, at: number): NewExecution {
  const seed = hour * 101 + at;
  const startedAt = new Date(Date.now() - (hour + chance(seed)) * HOUR_MS - 60_000);
  const isBad = chance(seed + 7) < (hour === BAD_HOUR ? 0.5 : 0.02);
  const id = idAt(startedAt);
  return {
    id,
    handlerId: handler.id,
    versionId: null,
    ownerId,
    mode: 'sync',
    callId: id,
    attempt: 1,
    status: isBad ? 'failed' : 'succeeded',
    method: 'GET',
    path: `/run/${handler.name}/?station=${seed % 23}`,
    httpStatus: isBad ? 502 : 200,
    exitCode: isBad ? 1 : 0,
    trap: null,
    gas: Math.round(21_000 + 48_000 * chance(seed + 11)),
    memoryPages: 17,
    calls: { env_get: 2, resource_write: 2 },
    urls: [],
    bytesIn: 120,
    bytesOut: 640,
    wallMs: 4 + 20 * chance(seed + 3) + (chance(seed + 5) > 0.97 ? 160 : 0),
    output: new Uint8Array(),
    errorOutput: new Uint8Array(),
    log: [],
    trace: null,
    startedAt,
  };
}

/** Returns a version 7 UUID for a past time, since lists are ordered by it. */
function idAt(date: Date): string {
  const time = date.getTime().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

/** Deterministic pseudo-random number from 0 to 1. */
function chance(seed: number): number {
  const value = Math.sin(seed * 12.9898) * 43_758.5453;
  return value - Math.floor(value);
}
