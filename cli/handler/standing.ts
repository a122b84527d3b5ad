import type { ApiVersion } from '../../client/views.ts';
import { styled, type Text } from '../terminal/text.ts';

/** `trusted`, `probation 3/20` or `quarantined`. */
export function formatStanding({ state, goodRuns, neededRuns }: ApiVersion['standing']): Text {
  if (state === 'quarantined') return styled('red', state);
  if (state === 'trusted') return styled('green', state);
  return styled('yellow', `${state} ${goodRuns}/${neededRuns}`);
}
