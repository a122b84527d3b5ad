import type { RouteGroup } from '../../route.ts';

export const ACCOUNT: RouteGroup = { tag: 'Account', description: 'Your account.' };
