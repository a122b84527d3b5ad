/** Deploys modules to executors of a benchmark: rows and stored objects, without the API and its check. */
import { openDatabase } from '../../server/db/connection/open.ts';
import type { Database } from '../../server/db/connection/database.ts';
import { upsertUser, updateUser } from '../../server/db/accounts/users.ts';
import { insertHandler } from '../../server/db/handlers/handlers.ts';
import { trustForGood } from '../../server/db/handlers/standing.ts';
import { activateVersion, insertVersion } from '../../server/db/handlers/versions.ts';
import { readConfig } from '../../server/config.ts';
import { openStore } from '../../server/store/open.ts';
import type { ObjectStore } from '../../server/store/store.ts';
import { prepareModule, type PreparedModule } from '../../olin/index.ts';
import type { RunningExecutors } from './executors.ts';

/** A tier without small limits. */
const TIER = 2;

export class Deployer {
  readonly db: Database;
  readonly #store: ObjectStore;

  private constructor(db: Database, store: ObjectStore) {
    this.db = db;
    this.#store = store;
  }

  static async open(executors: RunningExecutors, databaseUrl: string): Promise<Deployer> {
    const env = { DATA_DIR: executors.folder, DATABASE_URL: databaseUrl };
    const config = readConfig(env, { web: 4000, run: executors.port });
    return new Deployer(await openDatabase(config, { role: 'api' }), openStore(config));
  }

  /** Returns the id of a new owner. */
  async makeOwner(username: string): Promise<string> {
    const who = { issuer: 'bench', subject: username, username, email: null, isAdmin: false };
    const { id } = await upsertUser(this.db, who);
    await updateUser(this.db, id, { tier: TIER });
    return id;
  }

  /** Deploys a module that is trusted. @param prepared result of `prepareModule` */
  async deploy(
    ownerId: string,
    name: string,
    module: Uint8Array,
    prepared: PreparedModule = prepareModule(module),
  ): Promise<void> {
    const { metered, image } = prepared;
    const [digest, meteredDigest] = [await this.#store.put(module), await this.#store.put(metered)];
    const imageDigest = image === undefined ? null : await this.#store.put(image);
    await this.db.transaction(async (tx) => {
      const handler = await insertHandler(tx, {
        ownerId,
        name,
        description: '',
        mode: 'sync',
        isPrivate: false,
      });
      if (handler === undefined) throw new Error(`The name ${name} is taken.`);
      const { id: versionId } = await insertVersion(tx, {
        handlerId: handler.id,
        digest,
        meteredDigest,
        imageDigest,
        bytes: module.length,
        report: { imports: [], memoryPages: 1, functions: 1, features: [] },
        note: '',
        createdBy: ownerId,
      });
      await activateVersion(tx, { handlerId: handler.id, versionId, userId: ownerId });
      await trustForGood(tx, { ownerId, digest });
    });
  }

  close(): Promise<void> {
    return this.db.close();
  }
}
