/**
 * Deployments. The module, settings, policy and configuration of a handler change in one transaction of the caller: all of
 * them or none. The handler is created in it if it does not exist.
 */
import type { Queryable } from '../../db/connection/database.ts';
import {
  findHandler,
  notifyHandler,
  updateHandler,
  type HandlerRow,
  type HandlerChange,
} from '../../db/handlers/handlers.ts';
import { lockUser } from '../../db/accounts/users.ts';
import {
  activateVersion,
  insertVersion,
  type NewVersion,
  type VersionRow,
} from '../../db/handlers/versions.ts';
import { ProblemError } from '../../problems/problems.ts';
import type { Sealer } from '../../sealer.ts';
import type { Caller } from '../auth/caller.ts';
import { setValues, type ConfigEntries } from '../handlers/handler-config.ts';
import { createHandler } from '../handlers/new-handler.ts';
import { nameTaken } from '../handlers/names.ts';
import { existingVersion } from '../routes/versions/resource.ts';
import type { UploadOnce } from './upload-once.ts';
import { checkStored } from './upload-room.ts';

/** What a deployment can change, in the order of the response. */
export const CHANGES = [
  'version',
  'description',
  'mode',
  'private',
  'trace',
  'policy',
  'configuration',
] as const;
export type DeploymentChange = (typeof CHANGES)[number];

export interface Deployment {
  readonly name: string;
  /** True: the handler must not exist yet. False: it must exist. Undefined: either. */
  readonly isNew: boolean | undefined;
  /** Omitted settings do not change. */
  readonly settings: Omit<HandlerChange, 'name' | 'deletedAt'>;
  readonly configuration: ConfigEntries;
  /** A module that is checked and stored, or the number of an existing version. */
  readonly module: Omit<NewVersion, 'handlerId' | 'createdBy'> | number;
  /** False: the version is stored, and an existing handler does not change otherwise. */
  readonly activate: boolean;
}

export interface DeploymentOutcome {
  readonly handler: HandlerRow;
  readonly version: VersionRow;
  readonly created: boolean;
  /** Whether a version was added. */
  readonly uploaded: boolean;
  readonly changed: readonly DeploymentChange[];
}

/**
 * Deploys in the transaction, which must be rolled back if this throws. Throws a `not-found` problem for a missing handler
 * or version, `name-taken` if a new name is taken, and `limit-reached` if a limit of the tier is exceeded.
 *
 * @param once the request's Idempotency-Key. If it was used before, nothing is deployed again
 */
export async function deploy(
  tx: Queryable,
  { user, sealer }: { readonly user: Caller; readonly sealer: Sealer },
  deployment: Deployment,
  once: UploadOnce | undefined,
): Promise<DeploymentOutcome> {
  const { name, isNew, module, activate, configuration } = deployment;
  // Serializes first deployments of one name, so that the second one finds the handler.
  await lockUser(tx, user.id);
  const known = await findHandler(tx, user.id, name, true);
  const before = await once?.find(tx, known?.id);
  if (known !== undefined && before !== undefined) return replay(tx, known, before);
  needExpected(known, name, isNew);

  const settings = known === undefined || activate ? deployment.settings : {};
  const made =
    known ??
    (await createHandler(tx, user, name, { description: '', mode: 'sync', isPrivate: false }));
  const version = await takeVersion(tx, user, made, module);
  await once?.keep(tx, made.id, version.id);
  const changed = changesOf(made, settings);
  if (changed.length > 0) await updateHandler(tx, made.id, settings);
  if (configuration.length > 0 && (known === undefined || activate)) {
    await setValues(tx, sealer, user, made.id, configuration);
    changed.push('configuration');
  }
  if (activate && !version.isActive) {
    await activateVersion(tx, { handlerId: made.id, versionId: version.id, userId: user.id });
    changed.unshift('version');
  }
  if (known === undefined || changed.length > 0) await notifyHandler(tx, made.name);
  return {
    handler: (await findHandler(tx, user.id, made.id)) ?? made,
    version: await existingVersion(tx, made.id, version.number),
    created: known === undefined,
    uploaded: typeof module !== 'number',
    changed,
  };
}

/** Throws `name-taken` if the handler must be new but exists, `not-found` if it must exist but does not. */
export function needExpected(
  found: HandlerRow | undefined,
  name: string,
  isNew: boolean | undefined,
): void {
  if (isNew === true && found !== undefined) throw nameTaken(name);
  if (isNew === false && found === undefined) {
    throw new ProblemError('not-found', `You have no handler named ${name}.`);
  }
}

async function takeVersion(
  tx: Queryable,
  user: Caller,
  handler: HandlerRow,
  module: Deployment['module'],
): Promise<VersionRow> {
  if (typeof module === 'number') return existingVersion(tx, handler.id, module);
  await checkStored(tx, user, module.bytes);
  return insertVersion(tx, { ...module, handlerId: handler.id, createdBy: user.id });
}

/** The response to a repeated Idempotency-Key: the version of the first request. */
async function replay(
  tx: Queryable,
  handler: HandlerRow,
  number: number,
): Promise<DeploymentOutcome> {
  const version = await existingVersion(tx, handler.id, number);
  return { handler, version, created: false, uploaded: false, changed: [] };
}

function changesOf(now: HandlerRow, wanted: Deployment['settings']): DeploymentChange[] {
  const pairs: readonly (readonly [DeploymentChange, unknown, unknown])[] = [
    ['description', wanted.description, now.description],
    ['mode', wanted.mode, now.mode],
    ['private', wanted.isPrivate, now.isPrivate],
    ['trace', wanted.keepsTrace, now.keepsTrace],
    ['policy', wanted.policy, now.policy],
  ];
  return pairs
    .filter(([, value, before]) => value !== undefined && value !== before)
    .map(([change]) => change);
}
