export const summary = 'Manage users and applications (administrators)';
