export const summary = 'Make, list and revoke tokens';
