import type { RouteGroup } from '../../route.ts';

export const STATISTICS: RouteGroup = {
  tag: 'Statistics',
  description: 'Counts, failures and durations of runs.',
};
