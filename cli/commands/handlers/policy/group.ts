export const summary = 'Manage the policy of a handler';
