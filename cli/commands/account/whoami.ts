import { take } from '../../../client/api.ts';
import { defineCommand } from '../../parser/command.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { formatRelativeTime } from '../../terminal/quantities.ts';
import { facts } from '../../terminal/table.ts';
import { text } from '../../terminal/text.ts';

export const command = defineCommand({
  summary: 'Show the signed-in user',
  description:
    'Shows the user, server, tier and scopes of the token. Fails if the token is not valid.',
  arguments: {},
  options: {},
  examples: [{ line: 'trisiel whoami', what: 'Show the user and the scopes.' }],
  json: 'an object: server, username, email, tier, isAdmin, scopes, via, createdAt, id.',
  exits: SERVER_EXITS,
  async run({ api, settings, out }) {
    const server = await settings.server();
    const who = await take((await api()).GET('/api/whoami'));
    await out.give({ server, ...who }, () => [
      facts([
        ['User', `${who.username}${who.isAdmin ? ' (administrator)' : ''}`],
        ['Server', server],
        ['Tier', String(who.tier)],
        ['Scopes', who.scopes.join(' ')],
        ['Since', formatRelativeTime(who.createdAt)],
      ]),
      ...(who.tier === 0
        ? [text`\nTier 0 cannot deploy. Apply for the free tier: trisiel apply`]
        : []),
    ]);
  },
});
