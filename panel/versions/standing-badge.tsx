/** Shows whether a version is trusted, on probation or in quarantine. */
import type { ApiVersion } from '../../client/index.ts';
import { Badge, type Tone } from '../components/badge.tsx';

const TONES: Readonly<Record<ApiVersion['standing']['state'], Tone>> = {
  trusted: 'good',
  probation: 'warn',
  quarantined: 'bad',
};

export function StandingBadge({ standing }: { readonly standing: ApiVersion['standing'] }) {
  const { state, goodRuns, neededRuns, detail } = standing;
  return (
    <span title={detail}>
      <Badge tone={TONES[state]}>
        {state === 'probation' ? `probation, ${goodRuns} of ${neededRuns}` : state}
      </Badge>
    </span>
  );
}

/** Shows a sentence for each quarantined version: the reason, and what its owner can do. */
export function QuarantineNotes({ versions }: { readonly versions: readonly ApiVersion[] }) {
  return versions
    .filter(({ standing }) => standing.state === 'quarantined')
    .map(({ id, standing }) => (
      <p key={id} role="note">
        {standing.detail}
      </p>
    ));
}
