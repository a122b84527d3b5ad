import type { Resource } from '../../route.ts';

export const REFERENCE: Resource = { tag: 'Reference', description: 'This document.' };
