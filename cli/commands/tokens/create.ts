import { take } from '../../../client/api.ts';
import type { TokenScope } from '../../../client/views.ts';
import { defineCommand } from '../../parser/command.ts';
import { UsageError } from '../../errors.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { sayWhen } from '../../terminal/quantities.ts';
import { text } from '../../terminal/text.ts';

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
  summary: 'Make a token',
  description:
    'Makes a token and prints it this once, alone on standard output. It is kept nowhere. A token cannot make one with scopes that it lacks itself.',
  arguments: { name: { value: 'NAME', description: 'What it is for, such as ci.' } },
  options: {
    scope: {
      kind: 'list',
      value: 'SCOPE',
      description: `What it may do; can be given again. Default: ${DEFAULT_SCOPES.join(', ')}.`,
    },
    'expires-in-days': {
      kind: 'count',
      value: 'DAYS',
      minimum: 1,
      maximum: 366,
      description: 'How long it is good. Default: 90 days.',
    },
    'expires-in-minutes': {
      kind: 'count',
      value: 'MINUTES',
      minimum: 1,
      maximum: 1440,
      description: 'In place of days, for a token of short life.',
    },
  },
  examples: [
    { line: 'trisiel tokens create ci', what: 'A token that deploys.' },
    {
      line: 'trisiel tokens create caller --scope handlers:call --expires-in-minutes 10',
      what: 'One that calls private handlers, for ten minutes.',
    },
  ],
  json: 'an object: token, id, name, scopes, expiresAt, createdAt.',
  exits: SERVER_EXITS,
  async run({ api: connect, args, options, out }) {
    const scopes = options.scope.length === 0 ? [...DEFAULT_SCOPES] : options.scope.map(readScope);
    const days = options['expires-in-days'];
    const minutes = options['expires-in-minutes'];
    if (days !== undefined && minutes !== undefined) {
      throw new UsageError('Say --expires-in-days or --expires-in-minutes, not both.');
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
    );
    await out.give(made, () => text`${made.token}`);
    await out.note(
      text`It is shown this once, and expires ${sayWhen(made.expiresAt)}. Revoke it: trisiel tokens revoke ${made.id}`,
    );
  },
});

function readScope(given: string): TokenScope {
  if (isScope(given)) return given;
  throw new UsageError(
    `There is no scope "${given}". Known are ${Object.keys(SCOPES).join(', ')}.`,
  );
}

function isScope(given: string): given is TokenScope {
  return Object.hasOwn(SCOPES, given);
}
