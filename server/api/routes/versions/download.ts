import { userRoute } from '../../route.ts';
import { ownHandler } from '../handlers/resource.ts';
import { existingVersion, VersionParams, VERSIONS } from './resource.ts';

export const route = userRoute({
  method: 'GET',
  path: '/api/handlers/:handler/versions/:version/module',
  resource: VERSIONS,
  summary: 'Download the module of a version',
  description: 'The module as it was uploaded.',
  user: { scope: 'handlers:read' },
  params: VersionParams,
  success: { status: 200, description: 'The module.', contentType: 'application/wasm' },
  problems: ['not-found', 'unavailable'],
  async handle({ user, params, services, reply }) {
    const handler = await ownHandler(services.db, user, params.handler);
    const { digest } = await existingVersion(services.db, handler.id, params.version);
    const bytes = await services.store.get(digest);
    if (bytes === undefined) throw new Error(`the object store has lost ${digest}`);
    return reply
      .type('application/wasm')
      .header('etag', `"${digest}"`)
      .header(
        'content-disposition',
        `attachment; filename="${handler.name}-${params.version}.wasm"`,
      )
      .send(Buffer.from(bytes));
  },
});
