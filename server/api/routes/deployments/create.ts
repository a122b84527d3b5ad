import { findHandler } from '../../../db/handlers/handlers.ts';
import { invalidField, ProblemError } from '../../../problems/problems.ts';
import { digestOf } from '../../../store/store.ts';
import { DEPLOY_TIER } from '../../../tiers.ts';
import type { Static } from 'typebox';
import { checkNeed, type Caller } from '../../auth/caller.ts';
import { readerOf } from '../../request-validation.ts';
import {
  deploy,
  needExpected,
  type DeploymentOutcome,
  type Deployment,
} from '../../uploads/deployment.ts';
import { checkKeys } from '../../handlers/handler-config.ts';
import { checkPolicyText } from '../../handlers/handler-policy.ts';
import { checkName } from '../../handlers/names.ts';
import { userRoute } from '../../route.ts';
import { IdempotencyKey } from '../../schemas.ts';
import type { Services } from '../../services.ts';
import { readForm } from '../../uploads/upload-form.ts';
import { UploadOnce } from '../../uploads/upload-once.ts';
import { storeModule } from '../../uploads/upload-room.ts';
import { checkMemory, checkUpload } from '../../uploads/upload.ts';
import { existingVersion } from '../versions/resource.ts';
import { DeploymentForm, DEPLOYMENTS, DeploymentView, viewDeployed } from './resource.ts';

const readDeployment = readerOf(DeploymentForm, 'body');

export const route = userRoute({
  method: 'POST',
  path: '/api/deployments',
  resource: DEPLOYMENTS,
  summary: 'Deploy a version with policy, settings and configuration',
  description:
    'A form with the parts `deployment` (JSON) and `module`. Instead of a module, `version` can name an existing version. The handler is created if it does not exist. Everything is checked first, then changed in one transaction, and the executors are notified once. If anything is refused, nothing changes. `configuration` also requires the scope `config:write`.',
  user: { scope: 'handlers:write', tier: DEPLOY_TIER },
  audit: 'handler.deploy',
  headers: IdempotencyKey,
  takesModule: true,
  form: DeploymentForm,
  success: { status: 200, description: 'What was deployed.', schema: DeploymentView },
  problems: [
    'not-found',
    'conflict',
    'limit-reached',
    'name-taken',
    'module-refused',
    'policy-refused',
    'key-used-otherwise',
    'too-large',
  ],
  async handle({ user, headers, request, services, change }) {
    const { config, sealer, clock } = services;
    const form = await readForm(request, user.limits.moduleBytes);
    const wanted = readDeployment(form.deployment);
    checkWanted(user, wanted, form.module);
    const key = headers['idempotency-key'];
    const sent = JSON.stringify([form.module && (await digestOf(form.module)), wanted]);
    const once = key === undefined ? undefined : new UploadOnce(key, sealer.digest(sent), clock());
    const before = once && (await findBefore(services, user, wanted.name, once));
    if (before !== undefined) return viewDeployed(config, before);

    if (typeof wanted.policy === 'string') await checkPolicyText(services, user, wanted.policy);
    // Everything that can be refused without the module is refused before the expensive check of the module.
    await refuseEarly(services, user, wanted);
    const module = await checkAndStoreModule(services, user, wanted, form.module);
    const deployed = await change(
      (tx) => deploy(tx, { user, sealer }, { ...toDeployment(wanted), module }, once),
      ({ handler, version, created, uploaded, changed }) =>
        created || uploaded || changed.length > 0
          ? {
              handler: handler.id,
              name: handler.name,
              version: version.number,
              digest: version.digest,
              created,
              changed,
              keys: changed.includes('configuration')
                ? Object.keys(wanted.configuration ?? {})
                : [],
            }
          : undefined,
    );
    return viewDeployed(config, deployed);
  },
});

type DeploymentRequest = Static<typeof DeploymentForm>;

function checkWanted(
  user: Caller,
  wanted: DeploymentRequest,
  module: Uint8Array | undefined,
): void {
  const { name, version, configuration } = wanted;
  checkName(name);
  if ((module === undefined) === (version === undefined)) {
    throw invalidField(
      'body/version',
      module === undefined ? 'missing, and so is the part module' : 'given together with a module',
      'given if and only if there is no part module',
    );
  }
  if (configuration === undefined) return;
  checkNeed(user, { scope: 'config:write' });
  checkKeys(Object.entries(configuration), 'body/configuration');
}

/** Returns the outcome of the same request if it was sent before. */
async function findBefore(
  { db }: Services,
  user: Caller,
  name: string,
  once: UploadOnce,
): Promise<DeploymentOutcome | undefined> {
  const handler = await findHandler(db, user.id, name);
  const number = await once.find(db, handler?.id);
  if (handler === undefined || number === undefined) return undefined;
  const version = await existingVersion(db, handler.id, number);
  return { handler, version, created: false, uploaded: false, changed: [] };
}

/** Throws for a handler or version that does not match the request, without a transaction or a lock. */
async function refuseEarly(
  { db }: Services,
  user: Caller,
  wanted: DeploymentRequest,
): Promise<void> {
  const { name, version, new: isNew } = wanted;
  if (version === undefined && isNew === undefined) return;
  const handler = await findHandler(db, user.id, name);
  needExpected(handler, name, isNew);
  if (version === undefined) return;
  if (handler === undefined) {
    throw new ProblemError(
      'not-found',
      'You have no handler with this name, so it has no versions. Send a module.',
    );
  }
  await existingVersion(db, handler.id, version);
}

async function checkAndStoreModule(
  services: Services,
  user: Caller,
  { name, policy, version, note = '' }: DeploymentRequest,
  bytes: Uint8Array | undefined,
): Promise<Deployment['module']> {
  if (bytes === undefined) return version ?? 0;
  const checked = await checkUpload(services, user, bytes);
  const known = policy === undefined ? await findHandler(services.db, user.id, name) : undefined;
  await checkMemory(services, user, checked, policy ?? known?.policy ?? null);
  const stored = await storeModule(services, user, bytes, checked);
  return { ...stored, bytes: bytes.length, report: checked.report, note };
}

function toDeployment(wanted: DeploymentRequest): Omit<Deployment, 'module'> {
  const { name, new: isNew, description, mode, policy } = wanted;
  const { private: isPrivate, trace: keepsTrace } = wanted;
  return {
    name,
    isNew,
    settings: { description, mode, isPrivate, keepsTrace, policy },
    configuration: Object.entries(wanted.configuration ?? {}),
    activate: wanted.activate ?? true,
  };
}
