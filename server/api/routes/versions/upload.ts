import { Type } from 'typebox';
import { notifyHandler } from '../../../db/handlers.ts';
import { activateVersion, insertVersion } from '../../../db/versions.ts';
import { DEPLOY_TIER } from '../../../tiers.ts';
import { closed, userRoute } from '../../route.ts';
import { HandlerParams, text } from '../../schemas.ts';
import { takeModule } from '../../upload.ts';
import { livingHandler, ownHandler } from '../handlers/resource.ts';
import { existingVersion, VERSIONS, VersionView, viewVersion } from './resource.ts';

export const route = userRoute({
  method: 'POST',
  path: '/api/handlers/:handler/versions',
  resource: VERSIONS,
  summary: 'Upload a module',
  description:
    'As the body, `Content-Type: application/wasm`, or as the part `module` of `multipart/form-data`. It is checked, metered, kept, and answers at once.',
  user: { scope: 'handlers:write', tier: DEPLOY_TIER },
  audit: 'version.upload',
  params: HandlerParams,
  query: closed({
    activate: Type.Optional(
      Type.Boolean({
        default: true,
        description: 'Whether it is the version that answers from now on.',
      }),
    ),
    note: Type.Optional(text(200, 'What is new in it.')),
  }),
  takesModule: true,
  success: { status: 201, description: 'The version.', schema: VersionView },
  problems: ['not-found', 'conflict', 'module-refused', 'too-large'],
  async handle({ user, params, query, request, services, change }) {
    const { db, store, metrics } = services;
    await ownHandler(db, user, params.handler);
    const { bytes, checked } = await takeModule(services, user, request);
    const [digest, meteredDigest] = await Promise.all([
      store.put(bytes),
      store.put(checked.metered),
    ]);
    metrics.onUpload('accepted');
    const made = await change(
      async (tx) => {
        const handler = await livingHandler(tx, user, params.handler);
        const version = await insertVersion(tx, {
          handlerId: handler.id,
          digest,
          meteredDigest,
          bytes: bytes.length,
          report: checked.report,
          note: query.note ?? '',
          createdBy: user.id,
        });
        if (query.activate === false) return { handler, version };
        await activateVersion(tx, {
          handlerId: handler.id,
          versionId: version.id,
          userId: user.id,
        });
        await notifyHandler(tx, handler.name);
        return { handler, version: await existingVersion(tx, handler.id, version.number) };
      },
      ({ handler, version }) => ({
        handler: handler.id,
        name: handler.name,
        version: version.number,
        digest,
      }),
    );
    return viewVersion(made.version);
  },
});
