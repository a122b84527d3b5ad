import { take } from '../../client/index.ts';
import { api } from '../api.ts';
import { useResource } from '../components/resource.tsx';

/**
 * Returns how long a deleted handler can be restored, such as ` for 30 days`, to follow a verb. Empty until it is known,
 * and if there is no limit.
 */
export function useKeptFor(): string {
  const { value } = useResource((signal) => take(api.GET('/api/server', { signal })));
  return value === undefined || value.keepDays === 0 ? '' : ` for ${value.keepDays} days`;
}
