import { userRoute } from '../../route.ts';
import { ownHandler } from '../handlers/resource.ts';
import { existingVersion, VersionParams, VERSIONS, VersionView, viewVersion } from './resource.ts';

export const route = userRoute({
  method: 'GET',
  path: '/api/handlers/:handler/versions/:version',
  resource: VERSIONS,
  summary: 'Get a version',
  user: { scope: 'handlers:read' },
  params: VersionParams,
  success: { status: 200, description: 'The version.', schema: VersionView },
  problems: ['not-found'],
  async handle({ user, params, services }) {
    const handler = await ownHandler(services.db, user, params.handler);
    return viewVersion(
      services.config,
      await existingVersion(services.db, handler.id, params.version),
    );
  },
});
