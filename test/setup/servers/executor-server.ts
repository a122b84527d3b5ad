/** A running executor for tests, with deployed handlers: rows, a stored module, a notification. */
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { guest } from '../../../olin/conformance/guest.ts';
import { prepareModule } from '../../../olin/index.ts';
import { compile as compileText } from '../../../sdk/wat/compile.ts';
import { KeyRing } from '../../../server/auth/keys.ts';
import { signToken } from '../../../server/auth/tokens.ts';
import { readConfig, type Config } from '../../../server/config.ts';
import { placeOfValue, setConfigValue } from '../../../server/db/handlers/config-values.ts';
import type { Database } from '../../../server/db/connection/database.ts';
import {
  insertHandler,
  notifyHandler,
  updateHandler,
} from '../../../server/db/handlers/handlers.ts';
import { insertToken } from '../../../server/db/accounts/tokens.ts';
import { updateUser, upsertUser } from '../../../server/db/accounts/users.ts';
import { activateVersion, insertVersion } from '../../../server/db/handlers/versions.ts';
import { restrict } from '../../../server/db/socket/restrict.ts';
import { createExecutor, type ServiceOptions } from '../../../server/executor/service.ts';
import { createLog } from '../../../server/log.ts';
import { Sealer } from '../../../server/sealer.ts';
import { openFileStore } from '../../../server/store/files.ts';
import type { ObjectStore } from '../../../server/store/store.ts';
import { atEnd } from '../at-end.ts';

const now = (): Date => new Date();

export interface Author {
  readonly id: string;
}

export interface DeployRequest {
  readonly name: string;
  /** The body of a guest, as in `olin/conformance/guest.ts`. */
  readonly body: string;
  readonly mode?: 'sync' | 'async';
  readonly isPrivate?: boolean;
  readonly keepsTrace?: boolean;
  readonly policy?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Creates authors and their handlers without the API. */
export class Authors {
  readonly #db: Database;
  readonly #store: ObjectStore;
  readonly #sealer: Sealer;
  readonly #webOrigin: string;

  constructor(db: Database, store: ObjectStore, sealer: Sealer, webOrigin: string) {
    this.#db = db;
    this.#store = store;
    this.#sealer = sealer;
    this.#webOrigin = webOrigin;
  }

  async make(tier = 1): Promise<Author> {
    const subject = randomUUID();
    const user = await upsertUser(this.#db, {
      issuer: 'test',
      subject,
      username: subject,
      email: null,
      isAdmin: false,
    });
    await updateUser(this.#db, user.id, { tier });
    return { id: user.id };
  }

  /** Creates a token of the author, as the API does. */
  async token(author: Author, scopes: readonly string[]): Promise<string> {
    const id = randomUUID();
    const issuedAt = now();
    const expiresAt = new Date(issuedAt.getTime() + 3_600_000);
    await insertToken(this.#db, { id, userId: author.id, name: 'test', scopes, expiresAt });
    const keys = new KeyRing(this.#db, this.#sealer, now);
    const claims = { jti: id, userId: author.id, scopes, issuedAt, expiresAt };
    return signToken({ keys, origin: this.#webOrigin, clock: now }, claims);
  }

  /** Creates the handler on the first call, and a new version on each. Returns the handler's id. */
  async deploy(author: Author, request: DeployRequest): Promise<string> {
    const built = await compileText(guest(request.body));
    assert.ok(built.ok, JSON.stringify(built));
    return this.deployModule(author, request, built.module);
  }

  async deployModule(
    author: Author,
    request: Omit<DeployRequest, 'body'>,
    module: Uint8Array<ArrayBuffer>,
  ): Promise<string> {
    const { name, mode = 'sync', isPrivate = false, policy, env = {} } = request;
    const { keepsTrace = false } = request;
    const digest = await this.#store.put(module);
    const { metered, image } = prepareModule(module);
    const meteredDigest = await this.#store.put(metered);
    const imageDigest = image === undefined ? null : await this.#store.put(image);
    return this.#db.transaction(async (tx) => {
      const made = await insertHandler(tx, {
        ownerId: author.id,
        name,
        description: '',
        mode,
        isPrivate,
        keepsTrace,
      });
      const [known] = await tx.query<{ id: string }>(
        'select id from handlers where name = $1 and deleted_at is null',
        [name],
      );
      const handlerId = made?.id ?? known?.id ?? '';
      if (policy !== undefined) await updateHandler(tx, handlerId, { policy });
      for (const [key, value] of Object.entries(env)) {
        const sealedValue = this.#sealer.seal(value, placeOfValue(handlerId, key));
        await setConfigValue(tx, { handlerId, key, sealedValue, setBy: author.id });
      }
      const version = await insertVersion(tx, {
        handlerId,
        digest,
        meteredDigest,
        imageDigest,
        bytes: module.length,
        report: { imports: [], memoryPages: 1, functions: 1, features: [] },
        note: '',
        createdBy: author.id,
      });
      await activateVersion(tx, { handlerId, versionId: version.id, userId: author.id });
      await notifyHandler(tx, name);
      return handlerId;
    });
  }
}

export interface TestExecutor {
  readonly origin: string;
  readonly config: Config;
  readonly authors: Authors;
  readonly store: ObjectStore;
  readonly sealer: Sealer;
  readonly logged: () => string;
  readonly close: () => Promise<void>;
  /** Waits until a run is in the database, and returns it. */
  readonly run: (executionId: string | null) => Promise<RunRow>;
}

export interface RunRow {
  readonly status: string;
  readonly http_status: number | null;
  readonly exit_code: number | null;
  readonly gas: number;
  readonly memory_pages: number;
  readonly calls: Readonly<Record<string, number>>;
  readonly urls: readonly string[];
  readonly bytes_out: number;
  readonly wall_ms: number;
  readonly log_text: string;
  readonly output: Uint8Array;
  readonly owner_id: string;
  readonly trap: { readonly code: string } | null;
}

export interface TestExecutorOptions extends Partial<ServiceOptions> {
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts an executor that listens until the test ends. */
export async function startExecutor(
  t: TestContext,
  db: Database,
  options: TestExecutorOptions = {},
): Promise<TestExecutor> {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-executor-'));
  const config = readConfig({ DATA_DIR: folder, ...options.environment }, { web: 4000, run: 4001 });
  const store = options.store ?? openFileStore(join(folder, 'modules'));
  const sealer = options.sealer ?? new Sealer([randomBytes(32)]);
  const lines: string[] = [];
  const log = createLog('debug', { write: (line: string) => void lines.push(line) });
  const queueSchema = `queue_${randomBytes(6).toString('hex')}`;
  const executor = createExecutor({
    ...{ config, store, sealer, log, queueSchema },
    db: asGuest(db, queueSchema),
    ...options,
  });
  const origin = await executor.app.listen({ host: '127.0.0.1', port: 0 });
  await executor.open();
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= executor.close());
  atEnd(t, async () => {
    await close();
    await rm(folder, { recursive: true, force: true });
  });
  const run = (executionId: string | null): Promise<RunRow> => waitForRun(db, executionId);
  const authors = new Authors(db, store, sealer, config.webOrigin);
  return { origin, config, authors, store, sealer, logged: () => lines.join(''), close, run };
}

/**
 * Restricts an embedded database as for an executor process: statements that its socket refuses are refused, except
 * those of a queue whose tables the executor creates itself.
 */
export function asGuest(db: Database, queueSchema?: string): Database {
  if (db.kind !== 'pglite') return db;
  const guest = restrict(db);
  const choose = (text: string): Database =>
    queueSchema !== undefined && text.includes(queueSchema) ? db : guest;
  return {
    ...guest,
    query: (text, values) => choose(text).query(text, values),
    execute: (text) => choose(text).execute(text),
  };
}

export async function waitForRun(db: Database, executionId: string | null): Promise<RunRow> {
  assert.ok(executionId, 'the answer names no execution');
  const until = performance.now() + 20_000;
  while (performance.now() < until) {
    const [row] = await db.query<RunRow>('select * from executions where id = $1', [executionId]);
    if (row !== undefined) return row;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the run ${executionId} was not recorded in the database`);
}
