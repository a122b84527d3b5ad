/** The scopes of tokens in words. The API's document says which there are. */
import type { TokenScope } from '../../client/index.ts';

export const SCOPE_TEXTS: Readonly<Record<TokenScope, string>> = {
  'account:read': 'Read who you are, your applications and your audit log',
  'account:write': 'Apply for the free tier',
  'tokens:read': 'List your tokens',
  'tokens:write': 'Make and revoke tokens, of no more scopes than its own',
  'handlers:read': 'Read handlers, versions, policies, and the keys of configuration',
  'handlers:write': 'Make, change, delete and restore handlers; upload and activate versions',
  'handlers:call': 'Call your private handlers',
  'config:write': 'Set and unset configuration; no scope reads a value',
  'executions:read': 'Read executions and usage',
  admin:
    'Administer this server: see all users, decide on applications, change tiers, lock accounts, change the key that signs tokens',
};

export interface Preset {
  readonly name: string;
  readonly scopes: readonly TokenScope[];
}

/** What most tokens are for. */
export const PRESETS: readonly Preset[] = [
  { name: 'Deploy', scopes: ['account:read', 'handlers:read', 'handlers:write', 'config:write'] },
  { name: 'Call private handlers', scopes: ['handlers:call'] },
  { name: 'Read only', scopes: ['account:read', 'handlers:read', 'executions:read'] },
];

/** In the order of the list above; what a newer server has more is left out. */
export function scopesOf(names: readonly string[]): TokenScope[] {
  return Object.keys(SCOPE_TEXTS)
    .filter((name): name is TokenScope => Object.hasOwn(SCOPE_TEXTS, name))
    .filter((name) => names.includes(name));
}
