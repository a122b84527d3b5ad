import { notifyHandler } from '../../../db/handlers/handlers.ts';
import { activateVersion } from '../../../db/handlers/versions.ts';
import { DEPLOY_TIER } from '../../../tiers.ts';
import { userRoute } from '../../route.ts';
import { livingHandler } from '../handlers/resource.ts';
import { existingVersion, VersionParams, VERSIONS, VersionView, viewVersion } from './resource.ts';

export const route = userRoute({
  method: 'POST',
  path: '/api/handlers/:handler/versions/:version/activate',
  resource: VERSIONS,
  summary: 'Activate a version',
  description: 'With an older version, this is a rollback.',
  user: { scope: 'handlers:write', tier: DEPLOY_TIER },
  audit: 'version.activate',
  params: VersionParams,
  success: { status: 200, description: 'The active version.', schema: VersionView },
  problems: ['not-found', 'conflict'],
  async handle({ user, params, services, change }) {
    const { version } = await change(
      async (tx) => {
        const handler = await livingHandler(tx, user, params.handler);
        const { id } = await existingVersion(tx, handler.id, params.version);
        await activateVersion(tx, { handlerId: handler.id, versionId: id, userId: user.id });
        await notifyHandler(tx, handler.name);
        return { handler, version: await existingVersion(tx, handler.id, params.version) };
      },
      ({ handler, version }) => ({
        handler: handler.id,
        name: handler.name,
        version: version.number,
      }),
    );
    return viewVersion(services.config, version);
  },
});
