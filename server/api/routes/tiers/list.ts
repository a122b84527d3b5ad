import { Type } from 'typebox';
import { LIMIT_NAMES, TIERS } from '../../../tiers.ts';
import { closed, openRoute } from '../../route.ts';
import { Count } from '../../schemas.ts';
import { TIERS_RESOURCE } from './resource.ts';

const limits = Object.fromEntries(LIMIT_NAMES.map((name) => [name, Count]));

export const route = openRoute({
  method: 'GET',
  path: '/api/tiers',
  resource: TIERS_RESOURCE,
  summary: 'List tiers and their limits',
  open: 'The documentation contains the same table.',
  success: {
    status: 200,
    description: 'The tiers.',
    schema: closed({
      tiers: Type.Array(
        closed({
          tier: Count,
          name: Type.String(),
          summary: Type.String(),
          limits: closed(limits),
        }),
      ),
    }),
  },
  handle: async () => ({ tiers: TIERS.map((each) => ({ ...each, limits: { ...each.limits } })) }),
});
