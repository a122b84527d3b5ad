/** The standing of a version in responses: where it runs, and why. */
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
      'trusted: runs together with versions of other owners. probation: runs in a process of its own owner. quarantined: does not run.',
  }),
  goodRuns: Type.Integer({
    minimum: 0,
    description: 'On probation: the number of good runs so far.',
  }),
  neededRuns: Type.Integer({
    minimum: 0,
    description:
      'The number of good runs after which a version is trusted. 0 if the server has no probation.',
  }),
  reason: nullable(
    Type.Enum([...QUARANTINE_REASONS], {
      description: 'In quarantine: how a run harmed its process.',
    }),
  ),
  since: nullable(Time),
  retryAt: nullable(Time),
  detail: Type.String({ description: 'The standing as a sentence, with what to do.' }),
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
        detail: `Version ${number} is on probation: ${goodRuns} of ${neededRuns} good runs. Until it is trusted, it runs in a process of its own.`,
      };
    }
  }
}
