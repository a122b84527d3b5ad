/** Deploys the examples like a user's handlers, with ids that are the same on every server. */
import type { LoadedExample } from '../../../examples/load.ts';
import { compile, prepareModule } from '../../../olin/index.ts';
import {
  listSealedValues,
  placeOfValue,
  setConfigValue,
  unsetConfigValue,
} from '../../db/handlers/config-values.ts';
import type { Database, Queryable } from '../../db/connection/database.ts';
import {
  listDeployedExamples,
  lockExamples,
  upsertExample,
  upsertExamplesOwner,
} from '../../db/handlers/examples.ts';
import { notifyHandler } from '../../db/handlers/handlers.ts';
import { trustForGood } from '../../db/handlers/standing.ts';
import type { Sealer } from '../../sealer.ts';
import type { ObjectStore } from '../../store/store.ts';
import {
  EXAMPLES_ISSUER,
  EXAMPLES_SUBJECT,
  EXAMPLES_TIER,
  exampleEnv,
  exampleIds,
} from './examples.ts';

export interface DeployOptions {
  readonly db: Database;
  readonly store: ObjectStore;
  readonly sealer: Sealer;
  readonly examples: readonly LoadedExample[];
  /** Replaces `{origin}` in an example's environment. */
  readonly origin: string;
}

/**
 * Deploys each example whose module or policy changed, and sets its environment. Returns the names of deployed handlers.
 * Handlers of removed examples are kept, and so is a handler of another owner that has the name of an example.
 */
export async function deployExamples(options: DeployOptions): Promise<string[]> {
  const { db, store, sealer, examples, origin } = options;
  const owner = {
    id: exampleIds.owner,
    issuer: EXAMPLES_ISSUER,
    subject: EXAMPLES_SUBJECT,
    tier: EXAMPLES_TIER,
  };
  await db.transaction((tx) => upsertExamplesOwner(tx, owner));
  const deployed = await listDeployedExamples(db, owner.id);
  const changed: string[] = [];
  for (const loaded of examples) {
    const { name, example, module: bytes } = loaded;
    const handlerId = exampleIds.handler(name);
    const compiled = await compile(bytes);
    const versionId = exampleIds.version(name, compiled.digest);
    const policy = example.input.policy ?? null;
    const known = deployed.find(({ id }) => id === handlerId);
    const env = exampleEnv(loaded, origin);
    if (known?.activeVersionId === versionId && known.policy === policy) {
      await db.transaction(async (tx) => {
        await trustForGood(tx, { ownerId: owner.id, digest: compiled.digest });
        await setEnvironment(tx, sealer, handlerId, name, env);
      });
      continue;
    }
    const { metered, image } = prepareModule(bytes);
    const [digest, meteredDigest, imageDigest] = await Promise.all([
      store.put(bytes),
      store.put(metered),
      image === undefined ? null : store.put(image),
    ]);
    const { imports, memories, functions, features } = compiled.report;
    const isDeployed = await db.transaction(async (tx) => {
      await lockExamples(tx);
      const isOurs = await upsertExample(tx, {
        ownerId: owner.id,
        handlerId,
        versionId,
        name,
        description: example.summary,
        policy,
        digest,
        meteredDigest,
        imageDigest,
        bytes: bytes.length,
        report: {
          imports: imports.map((each) => `${each.module}.${each.name}`),
          memoryPages: memories.reduce((sum, { min }) => sum + min, 0),
          functions,
          features,
        },
      });
      if (!isOurs) return false;
      await trustForGood(tx, { ownerId: owner.id, digest });
      await setEnvironment(tx, sealer, handlerId, name, env);
      await notifyHandler(tx, name);
      return true;
    });
    if (isDeployed) changed.push(name);
  }
  return changed;
}

/** Sets only changed values, because each write notifies every executor. */
async function setEnvironment(
  tx: Queryable,
  sealer: Sealer,
  handlerId: string,
  name: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const known = new Map<string, string>();
  for (const { key, sealedValue } of await listSealedValues(tx, handlerId)) {
    known.set(key, open(sealer, sealedValue, placeOfValue(handlerId, key)));
  }
  let isChanged = false;
  for (const [key, value] of Object.entries(env)) {
    if (known.get(key) === value) continue;
    const sealedValue = sealer.seal(value, placeOfValue(handlerId, key));
    await setConfigValue(tx, { handlerId, key, sealedValue, setBy: exampleIds.owner });
    isChanged = true;
  }
  for (const key of known.keys()) {
    if (key in env) continue;
    await unsetConfigValue(tx, handlerId, key);
    isChanged = true;
  }
  if (isChanged) await notifyHandler(tx, name);
}

/** Returns '' for a value whose encryption key is lost, so that it is set again. */
function open(sealer: Sealer, sealedValue: Uint8Array, place: string): string {
  try {
    return sealer.open(sealedValue, place);
  } catch {
    return '';
  }
}
