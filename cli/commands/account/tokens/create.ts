import { take } from '../../../../client/api.ts';
import type { TokenScope } from '../../../../client/views.ts';
import { suggestAdminSignIn } from '../../../account/admin-command.ts';
import { defineCommand } from '../../../parser/command.ts';
import { UsageError } from '../../../errors.ts';
import { SERVER_EXITS } from '../../../exit-codes.ts';
import { formatRelativeTime } from '../../../terminal/quantities.ts';
import { text } from '../../../terminal/text.ts';

/** Scopes for deploying from CI. */
const DEFAULT_SCOPES: readonly TokenScope[] = [
  'handlers:read',
  'handlers:write',
  'handlers:call',
  'config:write',
  'executions:read',
];
/** The compiler checks that the list is complete. */
const SCOPES: Readonly<Record<TokenScope, true>> = {
  'account:read': true,
  'account:write': true,
  'tokens:read': true,
  'tokens:write': true,
  'handlers:read': true,
  'handlers:write': true,
  'handlers:call': true,
  'config:write': true,
  'executions:read': true,
  admin: true,
};

export const command = defineCommand({
  summary: 'Create a token',
  description:
    'Creates a token and prints it to standard output. It cannot be shown again. A token can only create tokens with scopes that it has itself.',
  arguments: { name: { value: 'NAME', description: 'The name of the token, such as ci.' } },
  options: {
    scope: {
      kind: 'list',
      value: 'SCOPE',
      description: `A scope of the token. Can be repeated. Default: ${DEFAULT_SCOPES.join(', ')}.`,
    },
    'expires-in-days': {
      kind: 'count',
      value: 'DAYS',
      minimum: 1,
      maximum: 366,
      description: 'Lifetime in days. Default: 90.',
    },
    'expires-in-minutes': {
      kind: 'count',
      value: 'MINUTES',
      minimum: 1,
      maximum: 1440,
      description: 'Lifetime in minutes, instead of days.',
    },
  },
  examples: [
    { line: 'trisiel tokens create ci', what: 'Create a token for deploying.' },
    {
      line: 'trisiel tokens create caller --scope handlers:call --expires-in-minutes 10',
      what: 'Create a token for calling private handlers, valid for ten minutes.',
    },
  ],
  json: 'an object: token, id, name, scopes, expiresAt, createdAt.',
  exits: SERVER_EXITS,
  async run({ api: connect, args, options, out }) {
    const scopes = options.scope.length === 0 ? [...DEFAULT_SCOPES] : options.scope.map(readScope);
    const days = options['expires-in-days'];
    const minutes = options['expires-in-minutes'];
    if (days !== undefined && minutes !== undefined) {
      throw new UsageError('Use --expires-in-days or --expires-in-minutes, not both.');
    }
    const api = await connect();
    const made = await take(
      api.POST('/api/tokens', {
        body: {
          name: args.name,
          scopes,
          ...(days === undefined ? {} : { expiresInDays: days }),
          ...(minutes === undefined ? {} : { expiresInMinutes: minutes }),
        },
      }),
    ).catch((error: unknown) => {
      throw scopes.includes('admin') ? suggestAdminSignIn(error) : error;
    });
    await out.give(made, () => text`${made.token}`);
    await out.note(
      text`The token is not shown again. It expires ${formatRelativeTime(made.expiresAt)}. Revoke it: trisiel tokens revoke ${made.id}`,
    );
  },
});

function readScope(given: string): TokenScope {
  if (isScope(given)) return given;
  throw new UsageError(
    `There is no scope "${given}". The scopes are ${Object.keys(SCOPES).join(', ')}.`,
  );
}

function isScope(given: string): given is TokenScope {
  return Object.hasOwn(SCOPES, given);
}
