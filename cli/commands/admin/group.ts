export const summary = 'Administer users and applications';
