import type { RouteGroup } from '../../route.ts';

export const REFERENCE: RouteGroup = { tag: 'Reference', description: 'This document.' };
