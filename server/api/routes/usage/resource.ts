import type { RouteGroup } from '../../route.ts';

export const USAGE: RouteGroup = { tag: 'Usage', description: 'Usage of your handlers by day.' };
