import { Type } from 'typebox';
import { countLivingHandlers } from '../../../db/handlers/handlers.ts';
import { countLivingTokens } from '../../../db/accounts/tokens.ts';
import { countUploads, sumStoredBytes } from '../../../db/handlers/uploads.ts';
import { sumUsageToday } from '../../../db/runs/usage.ts';
import { LIMIT_NAMES, LIMITS, tierOf, type LimitName } from '../../../tiers.ts';
import { closed, userRoute } from '../../route.ts';
import { Count, nullable } from '../../schemas.ts';
import { ACCOUNT } from './resource.ts';

const number = Type.Number({ minimum: 0 });

export const route = userRoute({
  method: 'GET',
  path: '/api/limits',
  resource: ACCOUNT,
  summary: 'Get your limits and usage',
  description: 'The limits of your tier, and the usage of your handlers today (UTC).',
  user: { scope: 'account:read' },
  success: {
    status: 200,
    description: 'The limits.',
    schema: closed({
      tier: Count,
      tierName: Type.String(),
      limits: Type.Array(
        closed({
          name: Type.Enum(LIMIT_NAMES),
          what: Type.String(),
          unit: Type.String({ description: 'Empty for a plain count.' }),
          limit: Count,
          used: nullable(number),
        }),
      ),
      today: closed({
        runs: number,
        failures: number,
        gas: number,
        bytesIn: number,
        bytesOut: number,
        wallMs: number,
      }),
    }),
  },
  async handle({ user, services }) {
    const { db, clock } = services;
    const today = await sumUsageToday(db, user.id);
    const now = clock();
    const used: Partial<Record<LimitName, number>> = {
      handlers: await countLivingHandlers(db, user.id),
      tokens: await countLivingTokens(db, user.id, now),
      runsPerDay: today.runs,
      uploadsPerDay: await countUploads(db, user.id, now),
      storedBytes: await sumStoredBytes(db, user.id),
    };
    return {
      tier: user.tier,
      tierName: tierOf(user.tier).name,
      limits: LIMIT_NAMES.map((name) => ({
        name,
        ...LIMITS[name],
        limit: user.limits[name],
        used: used[name] ?? null,
      })),
      today,
    };
  },
});
