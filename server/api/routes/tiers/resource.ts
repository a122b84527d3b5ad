import type { RouteGroup } from '../../route.ts';

export const TIERS_RESOURCE: RouteGroup = { tag: 'Tiers', description: 'The limits of each tier.' };
