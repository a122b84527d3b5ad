/**
 * The thread that owns the embedded database: PGlite works synchronously, and nothing else may wait for a slow statement.
 * It serves the main thread over a MessagePort, and other processes over a socket.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { migrate, readMigrations } from '../connection/migrate.ts';
import { openPglite, type PgliteDatabase } from '../connection/pglite.ts';
import { grantRoles, ROLES } from '../connection/roles.ts';
import type { LeaseBounds } from '../socket/lease.ts';
import { restrict } from '../socket/restrict.ts';
import { shareDatabase, type SharedDatabase } from '../socket/server.ts';
import { serveClient } from '../socket/session.ts';
import { monotonicMs, type FromThread, type ThreadData, type ToThread } from './messages.ts';
import { PortStream } from './port-stream.ts';

/** Limits for transactions of the main thread. Higher than for other processes, because nothing untrusted runs there. */
const OWN_LEASE: LeaseBounds = { idleMs: 10_000, totalMs: 60_000 };

const { from, statementSince }: ThreadData = workerData;

function report(message: FromThread): void {
  parentPort?.postMessage(message);
}

async function open(): Promise<PgliteDatabase> {
  const db = await openPglite(from, (isRunning) => {
    statementSince[0] = isRunning ? monotonicMs() : 0;
  });
  await migrate(db, await readMigrations());
  await grantRoles(db);
  await limitSession(db);
  return db;
}

/**
 * Revokes from all roles except the owner whatever could affect other clients, because all share one PostgreSQL
 * session.
 */
async function limitSession(db: PgliteDatabase): Promise<void> {
  const [found] = await db.query<{ name: string }>(
    'select quote_ident(current_database()) as name',
  );
  await db.execute(
    `revoke temporary on database ${found?.name ?? 'postgres'} from public;
     revoke update on pg_catalog.pg_settings from public;
     alter role ${ROLES.executor.name} nosuperuser nocreaterole nocreatedb`,
  );
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

async function serve(db: PgliteDatabase): Promise<void> {
  const shared: SharedDatabase[] = [];
  parentPort?.on('message', (message: ToThread) => {
    switch (message.kind) {
      case 'connect':
        serveClient({ socket: new PortStream(message.port, 'server'), db, ...OWN_LEASE });
        return;
      case 'share':
        shareDatabase(restrict(db.as(ROLES.executor.name)), message.path).then(
          (server) => {
            shared.push(server);
            report({ kind: 'shared' });
          },
          (error: unknown) => report({ kind: 'share-failed', error: asError(error) }),
        );
        return;
      case 'close':
        void Promise.all(shared.map((server) => server.close()))
          .then(() => db.close())
          .finally(() => process.exit());
    }
  });
  report({ kind: 'open' });
}

try {
  await serve(await open());
} catch (error) {
  report({ kind: 'open-failed', error: asError(error) });
}
