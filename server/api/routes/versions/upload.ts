import { Type } from 'typebox';
import { notifyHandler } from '../../../db/handlers/handlers.ts';
import { lockUser } from '../../../db/accounts/users.ts';
import { activateVersion, insertVersion } from '../../../db/handlers/versions.ts';
import { DEPLOY_TIER } from '../../../tiers.ts';
import { closed, userRoute } from '../../route.ts';
import { HandlerParams, IdempotencyKey, text } from '../../schemas.ts';
import { UploadOnce } from '../../uploads/upload-once.ts';
import { checkStored, storeModule } from '../../uploads/upload-room.ts';
import { checkMemory, checkUpload, readModule } from '../../uploads/upload.ts';
import { livingHandler, ownHandler } from '../handlers/resource.ts';
import { existingVersion, VERSIONS, VersionView, viewVersion } from './resource.ts';

export const route = userRoute({
  method: 'POST',
  path: '/api/handlers/:handler/versions',
  resource: VERSIONS,
  summary: 'Upload a module',
  description:
    'Send it as the body with `Content-Type: application/wasm`, or as the part `module` of `multipart/form-data`. It is checked, metered and stored, and by default activated at once.',
  user: { scope: 'handlers:write', tier: DEPLOY_TIER },
  audit: 'version.upload',
  params: HandlerParams,
  query: closed({
    activate: Type.Optional(
      Type.Boolean({
        default: true,
        description: 'Whether to activate the version.',
      }),
    ),
    note: Type.Optional(text(200, 'A note about the version.')),
  }),
  headers: IdempotencyKey,
  takesModule: true,
  success: { status: 201, description: 'The version.', schema: VersionView },
  problems: [
    'not-found',
    'conflict',
    'limit-reached',
    'module-refused',
    'key-used-otherwise',
    'too-large',
  ],
  async handle({ user, params, query, headers, request, services, change }) {
    const { config, db, clock } = services;
    const handler = await ownHandler(db, user, params.handler);
    const bytes = await readModule(request, user.limits.moduleBytes);
    const { activate = true, note = '' } = query;
    const key = headers['idempotency-key'];
    const once =
      key === undefined ? undefined : await UploadOnce.of(key, { bytes, activate, note }, clock());
    const before = await once?.find(db, handler.id);
    if (before !== undefined)
      return viewVersion(config, await existingVersion(db, handler.id, before));

    const checked = await checkUpload(services, user, bytes);
    await checkMemory(services, user, checked, handler.policy);
    const stored = await storeModule(services, user, bytes, checked);
    const { version } = await change(
      async (tx) => {
        await lockUser(tx, user.id);
        const { id, name } = await livingHandler(tx, user, handler.id);
        // Checked again, now that the handler's row is locked: a concurrent upload may have used the key.
        const meanwhile = await once?.find(tx, id);
        if (meanwhile !== undefined) {
          return { id, name, version: await existingVersion(tx, id, meanwhile), isNew: false };
        }
        await checkStored(tx, user, bytes.length);
        const version = await insertVersion(tx, {
          handlerId: id,
          ...stored,
          bytes: bytes.length,
          report: checked.report,
          note,
          createdBy: user.id,
        });
        await once?.keep(tx, id, version.id);
        if (activate) {
          await activateVersion(tx, { handlerId: id, versionId: version.id, userId: user.id });
          await notifyHandler(tx, name);
        }
        const made = await existingVersion(tx, id, version.number);
        return { id, name, version: made, isNew: true };
      },
      ({ id, name, version, isNew }) =>
        isNew ? { handler: id, name, version: version.number, digest: stored.digest } : undefined,
    );
    return viewVersion(config, version);
  },
});
