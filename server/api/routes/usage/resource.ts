import type { Resource } from '../../route.ts';

export const USAGE: Resource = { tag: 'Usage', description: 'What your handlers used, by day.' };
