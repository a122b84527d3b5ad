import type { Resource } from '../../route.ts';

export const STATISTICS: Resource = {
  tag: 'Statistics',
  description: 'How many runs there were, how many failed, and how long they took.',
};
