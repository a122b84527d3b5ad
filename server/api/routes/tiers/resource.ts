import type { Resource } from '../../route.ts';

export const TIERS_RESOURCE: Resource = { tag: 'Tiers', description: 'What each tier may use.' };
