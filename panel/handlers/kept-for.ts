import { take } from '../../client/index.ts';
import { api } from '../api.ts';
import { useResource } from '../components/resource.tsx';

/** For how long a deleted handler can be restored, as words behind a verb. Empty until it is known, and where it is for ever. */
export function useKeptFor(): string {
  const { value } = useResource((signal) => take(api.GET('/api/server', { signal })));
  return value === undefined || value.keepDays === 0 ? '' : ` for ${value.keepDays} days`;
}
