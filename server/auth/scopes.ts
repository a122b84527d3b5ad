/** All scopes of tokens. Sessions have all of them. */

export const SCOPES = {
  'account:read': 'Read your account, limits, applications and audit log.',
  'account:write': 'Apply for the free tier.',
  'tokens:read': 'List your tokens.',
  'tokens:write': 'Create tokens with at most the scopes of this token, and revoke tokens.',
  'handlers:read': 'Read handlers, versions, policies and configuration keys.',
  'handlers:write':
    'Create, change, delete and restore handlers; upload, activate and delete versions; set policies.',
  'handlers:call': 'Call your private handlers.',
  'config:write': 'Set and delete configuration values. No scope can read them.',
  'executions:read': 'Read executions and usage.',
  admin: 'Administer the server, if the user is an administrator.',
} as const;

export type Scope = keyof typeof SCOPES;

export const SCOPE_NAMES = Object.keys(SCOPES).filter(isScope);

export function isScope(name: string): name is Scope {
  return Object.hasOwn(SCOPES, name);
}
