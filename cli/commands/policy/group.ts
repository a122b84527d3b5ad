export const summary = 'Show, set and check the policy of a handler';
