import type { Resource } from '../../route.ts';

export const ACCOUNT: Resource = { tag: 'Account', description: 'Who you are.' };
