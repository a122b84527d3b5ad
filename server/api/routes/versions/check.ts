import { digestOf } from '../../../store/store.ts';
import { DEPLOY_TIER } from '../../../tiers.ts';
import { closed, userRoute } from '../../route.ts';
import { takeModule } from '../../uploads/upload.ts';
import { moduleFields, VERSIONS, viewReport } from './resource.ts';

export const route = userRoute({
  method: 'POST',
  path: '/api/modules/check',
  resource: VERSIONS,
  summary: 'Check a module without uploading it',
  description: 'The same check as for an upload. It counts towards the uploads per minute.',
  user: { scope: 'handlers:write', tier: DEPLOY_TIER },
  changesNothing: true,
  takesModule: true,
  success: {
    status: 200,
    description: 'The properties of the module.',
    schema: closed(moduleFields),
  },
  problems: ['module-refused', 'too-large'],
  async handle({ user, request, services }) {
    const { bytes, checked } = await takeModule(services, user, request);
    return { digest: await digestOf(bytes), bytes: bytes.length, ...viewReport(checked.report) };
  },
});
