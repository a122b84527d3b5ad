/** Descriptions of the token scopes. The scopes are defined by the API's OpenAPI document. */
import type { TokenScope } from '../../client/index.ts';

export const SCOPE_TEXTS: Readonly<Record<TokenScope, string>> = {
  'account:read': 'Read your account, limits, applications and audit log',
  'account:write': 'Apply for the free tier',
  'tokens:read': 'List your tokens',
  'tokens:write': 'Create tokens with at most its own scopes, and revoke tokens',
  'handlers:read': 'Read handlers, versions, policies and configuration keys',
  'handlers:write':
    'Create, change, delete and restore handlers; upload, activate and delete versions; set policies',
  'handlers:call': 'Call your private handlers',
  'config:write': 'Set and unset configuration values, which no scope can read',
  'executions:read': 'Read executions and usage',
  admin:
    'Administer this server: list users, decide on applications, change tiers, lock accounts, rotate the token signing key',
};

export interface Preset {
  readonly name: string;
  readonly scopes: readonly TokenScope[];
}

/** Common combinations of scopes. */
export const PRESETS: readonly Preset[] = [
  { name: 'Deploy', scopes: ['account:read', 'handlers:read', 'handlers:write', 'config:write'] },
  { name: 'Call private handlers', scopes: ['handlers:call'] },
  { name: 'Read only', scopes: ['account:read', 'handlers:read', 'executions:read'] },
];

/** Returns the known scopes in the order of `SCOPE_TEXTS`. Scopes of a newer server are ignored. */
export function scopesOf(names: readonly string[]): TokenScope[] {
  return Object.keys(SCOPE_TEXTS)
    .filter((name): name is TokenScope => Object.hasOwn(SCOPE_TEXTS, name))
    .filter((name) => names.includes(name));
}
