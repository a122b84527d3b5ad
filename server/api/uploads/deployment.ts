/**
 * A deployment: the module, the policy, the trace setting and the configuration of a handler switch together, in the
 * one transaction that the caller gives, or nothing of them does. A handler that is not there yet is made in it too.
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
import { makeHandler } from '../handlers/new-handler.ts';
import { nameTaken } from '../handlers/names.ts';
import { existingVersion } from '../routes/versions/resource.ts';
import type { UploadOnce } from './upload-once.ts';
import { checkStored } from './upload-room.ts';

/** What can change of a handler, in the order in which it is reported. */
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
  /** Whether the handler must not be there yet, or must be; undefined: either. */
  readonly isNew: boolean | undefined;
  /** What is left out stays as it is. */
  readonly settings: Omit<HandlerChange, 'name' | 'deletedAt'>;
  readonly configuration: ConfigEntries;
  /** A module that is checked and in the store, or the number of a version that is there. */
  readonly module: Omit<NewVersion, 'handlerId' | 'createdBy'> | number;
  /** False: the version is kept and nothing that answers changes. */
  readonly activate: boolean;
}

export interface Deployed {
  readonly handler: HandlerRow;
  readonly version: VersionRow;
  readonly created: boolean;
  /** Whether a version was added. */
  readonly uploaded: boolean;
  readonly changed: readonly DeploymentChange[];
}

/**
 * Throws `not-found` for a handler or a version that is not there, `name-taken`, and `limit-reached`: the transaction must be rolled
 * back then.
 *
 * @param once of the request's Idempotency-Key; a deployment that it knows is not made again
 */
export async function deploy(
  tx: Queryable,
  { user, sealer }: { readonly user: Caller; readonly sealer: Sealer },
  deployment: Deployment,
  once: UploadOnce | undefined,
): Promise<Deployed> {
  const { name, isNew, module, activate, configuration } = deployment;
  // Two first deployments of one name wait for each other, so that the second one finds the handler.
  await lockUser(tx, user.id);
  const known = await findHandler(tx, user.id, name, true);
  const before = await once?.find(tx, known?.id);
  if (known !== undefined && before !== undefined) return replay(tx, known, before);
  needExpected(known, name, isNew);

  const settings = known === undefined || activate ? deployment.settings : {};
  const made =
    known ??
    (await makeHandler(tx, user, name, { description: '', mode: 'sync', isPrivate: false }));
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

/** Throws `name-taken` if the handler was to be new, `not-found` if it was not to be. */
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

/** What a deployment with a known key has made. */
async function replay(tx: Queryable, handler: HandlerRow, number: number): Promise<Deployed> {
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
