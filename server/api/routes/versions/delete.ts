import { deleteVersion } from '../../../db/handlers/versions.ts';
import { ProblemError } from '../../../problems/problems.ts';
import { userRoute } from '../../route.ts';
import { ownHandler } from '../handlers/resource.ts';
import { existingVersion, VersionParams, VERSIONS, VersionView, viewVersion } from './resource.ts';

export const route = userRoute({
  method: 'DELETE',
  path: '/api/handlers/:handler/versions/:version',
  resource: VERSIONS,
  summary: 'Delete a version',
  description:
    'Deletes a version permanently. The active version cannot be deleted. Its number is not reused, and its executions are kept.',
  user: { scope: 'handlers:write' },
  audit: 'version.delete',
  params: VersionParams,
  success: { status: 200, description: 'The deleted version.', schema: VersionView },
  problems: ['not-found', 'conflict'],
  async handle({ user, params, services, change }) {
    const { version } = await change(
      async (tx) => {
        const handler = await ownHandler(tx, user, params.handler, true);
        const version = await existingVersion(tx, handler.id, params.version);
        if (version.isActive) {
          throw new ProblemError(
            'conflict',
            `Version ${version.number} is active. Activate another one first.`,
          );
        }
        await deleteVersion(tx, version, services.clock());
        return { handler, version };
      },
      ({ handler, version }) => ({
        handler: handler.id,
        name: handler.name,
        version: version.number,
        digest: version.digest,
      }),
    );
    return viewVersion(services.config, version);
  },
});
