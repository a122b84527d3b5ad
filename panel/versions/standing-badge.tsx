/** Where a version runs: beside those of others, in a process of its owner alone, or not at all. */
import type { Version } from '../../client/index.ts';
import { Badge, type Tone } from '../components/badge.tsx';

const TONES: Readonly<Record<Version['standing']['state'], Tone>> = {
  trusted: 'good',
  probation: 'warn',
  quarantined: 'bad',
};

export function StandingBadge({ standing }: { readonly standing: Version['standing'] }) {
  const { state, goodRuns, neededRuns, detail } = standing;
  return (
    <span title={detail}>
      <Badge tone={TONES[state]}>
        {state === 'probation' ? `probation, ${goodRuns} of ${neededRuns}` : state}
      </Badge>
    </span>
  );
}

/** A sentence for each version that needs its owner to do something. */
export function QuarantineNotes({ versions }: { readonly versions: readonly Version[] }) {
  return versions
    .filter(({ standing }) => standing.state === 'quarantined')
    .map(({ id, standing }) => (
      <p key={id} role="note">
        {standing.detail}
      </p>
    ));
}
