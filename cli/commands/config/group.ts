export const summary = 'Set, list and unset the configuration of a handler';
