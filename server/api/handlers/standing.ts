/** Where a version runs, and why, as its owner sees it. */
import { Type, type Static } from 'typebox';
import type { Config } from '../../config.ts';
import { QUARANTINE_REASONS } from '../../db/handlers/standing.ts';
import type { VersionRow } from '../../db/handlers/versions.ts';
import { describeQuarantine } from '../../problems/quarantine.ts';
import { closed } from '../route.ts';
import { nullable, time, Time } from '../schemas.ts';

export const StandingView = closed({
  state: Type.Enum(['trusted', 'probation', 'quarantined'], {
    description:
      'Whether it runs beside versions of other owners, in a process of its owner alone, or not at all.',
  }),
  goodRuns: Type.Integer({
    minimum: 0,
    description: 'On probation: runs so far that ended by themselves.',
  }),
  neededRuns: Type.Integer({
    minimum: 0,
    description: 'Such runs after which a version is trusted. 0: the server has no probation.',
  }),
  reason: nullable(
    Type.Enum([...QUARANTINE_REASONS], {
      description: 'In quarantine: what a run did to the process that it ran in.',
    }),
  ),
  since: nullable(Time),
  retryAt: nullable(Time),
  detail: Type.String({ description: 'The same as a sentence, with what to do.' }),
});

export function viewStanding(
  { probationRuns: neededRuns }: Config,
  { number, standing }: VersionRow,
): Static<typeof StandingView> {
  const view = { goodRuns: 0, neededRuns, reason: null, since: null, retryAt: null };
  if (neededRuns === 0) {
    return { ...view, state: 'trusted', detail: 'This server has no probation.' };
  }
  switch (standing.state) {
    case 'trusted':
      return { ...view, state: 'trusted', detail: `Version ${number} is trusted.` };
    case 'quarantined':
      return {
        ...view,
        state: 'quarantined',
        reason: standing.reason,
        since: time(standing.quarantinedAt),
        retryAt: time(standing.retryAt),
        detail: describeQuarantine(number, standing),
      };
    case 'probation':
    case 'unknown': {
      const goodRuns = standing.state === 'probation' ? standing.goodRuns : 0;
      return {
        ...view,
        state: 'probation',
        goodRuns,
        detail: `Version ${number} is on probation: ${goodRuns} of ${neededRuns} good runs. Until then it runs in a process of yours alone.`,
      };
    }
  }
}
