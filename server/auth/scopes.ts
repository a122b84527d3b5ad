/** What a token may be allowed; one list. A session may all of it that its user may. */

export const SCOPES = {
  'account:read': 'Read who you are, your applications and your audit log.',
  'account:write': 'Apply for the free tier.',
  'tokens:read': 'List your tokens.',
  'tokens:write': 'Make tokens, of no more scopes than the token itself has, and revoke tokens.',
  'handlers:read': 'Read handlers, versions, policies and the keys of configuration.',
  'handlers:write':
    'Make, change, delete and restore handlers; upload and activate versions; set policies.',
  'handlers:call': 'Call your private handlers.',
  'config:write': 'Set and unset configuration. No scope reads a value.',
  'executions:read': 'Read executions and usage.',
  admin: 'Administer, where the user is an administrator.',
} as const;

export type Scope = keyof typeof SCOPES;

export const SCOPE_NAMES = Object.keys(SCOPES).filter(isScope);

export function isScope(name: string): name is Scope {
  return Object.hasOwn(SCOPES, name);
}
