export const summary = 'Manage the configuration of a handler';
