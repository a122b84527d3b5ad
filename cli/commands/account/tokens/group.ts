export const summary = 'Manage access tokens';
