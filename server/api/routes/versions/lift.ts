import { findHandlerOfAnybody } from '../../../db/handlers/handlers.ts';
import { liftQuarantine } from '../../../db/handlers/standing.ts';
import { ProblemError } from '../../../problems/problems.ts';
import { userRoute } from '../../route.ts';
import { existingVersion, VersionParams, VERSIONS, VersionView, viewVersion } from './resource.ts';

export const route = userRoute({
  method: 'POST',
  path: '/api/handlers/:handler/versions/:version/lift',
  resource: VERSIONS,
  summary: 'Lift the quarantine of a version of any user',
  description:
    'For administrators. Puts the version back on probation, and its count of successful runs back to zero. The same applies to versions with the same module in other handlers of its owner.',
  user: { scope: 'admin', admin: true },
  audit: 'quarantine.lift',
  params: VersionParams,
  success: { status: 200, description: 'The version, on probation.', schema: VersionView },
  problems: ['not-found', 'conflict'],
  async handle({ params, services, change }) {
    const { version } = await change(
      async (tx) => {
        const handler = await findHandlerOfAnybody(tx, params.handler);
        if (handler === undefined) {
          throw new ProblemError(
            'not-found',
            'There is no handler with this name or ID. Deleted handlers are found only by ID.',
          );
        }
        const { digest, number } = await existingVersion(tx, handler.id, params.version);
        if (!(await liftQuarantine(tx, { ownerId: handler.ownerId, digest }))) {
          throw new ProblemError('conflict', `Version ${number} is not quarantined.`);
        }
        return { handler, version: await existingVersion(tx, handler.id, number) };
      },
      ({ handler, version: { number, digest } }) => ({
        handler: handler.id,
        name: handler.name,
        version: number,
        digest,
      }),
    );
    return viewVersion(services.config, version);
  },
});
