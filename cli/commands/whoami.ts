import { take } from '../../client/api.ts';
import { defineCommand } from '../parser/command.ts';
import { SERVER_EXITS } from '../exit-codes.ts';
import { sayWhen } from '../terminal/quantities.ts';
import { facts } from '../terminal/table.ts';
import { text } from '../terminal/text.ts';

export const command = defineCommand({
  summary: 'Tell who you are',
  description:
    'Tells as whom, on which server, and with which scopes the command works. Also shows whether the token is good.',
  arguments: {},
  options: {},
  examples: [{ line: 'trisiel whoami', what: 'Who am I, and may I deploy?' }],
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
        ['Since', sayWhen(who.createdAt)],
      ]),
      ...(who.tier === 0
        ? [text`\nTier 0 does not deploy. Apply for the free tier: trisiel apply`]
        : []),
    ]);
  },
});
