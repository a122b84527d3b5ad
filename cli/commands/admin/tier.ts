import { take } from '../../../client/api.ts';
import { TIERS } from '../../../server/tiers.ts';
import { defineCommand } from '../../parser/command.ts';
import { UsageError } from '../../errors.ts';
import { adminCommand } from '../../account/admin-command.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { text } from '../../terminal/text.ts';
import { findUserId, describeUser } from '../../account/users.ts';

const NUMBERS = TIERS.map(({ tier }) => String(tier));
const CHOICES = new Intl.ListFormat('en-GB', { type: 'disjunction' });
const MEANINGS = TIERS.map(({ tier, name }) => `${tier} ${name}`);

export const command = adminCommand(
  defineCommand({
    summary: 'Change a user’s tier',
    description: 'Changes the tier of a user. The new limits apply from the next request.',
    arguments: {
      user: { value: 'USER', description: 'The name or ID of the user.' },
      tier: { value: 'TIER', description: `The number of the tier: ${MEANINGS.join(', ')}.` },
    },
    options: {},
    examples: [{ line: 'trisiel admin tier ada 1', what: 'Let ada deploy.' }],
    json: 'the user.',
    exits: SERVER_EXITS,
    async run({ api: connect, args, out }) {
      if (!NUMBERS.includes(args.tier)) {
        throw new UsageError(`TIER is "${args.tier}"; it must be ${CHOICES.format(NUMBERS)}.`);
      }
      const api = await connect();
      const path = { user: await findUserId(api, args.user) };
      const user = await take(
        api.PATCH('/api/users/{user}', { params: { path }, body: { tier: Number(args.tier) } }),
      );
      await out.give(user, () => [
        text`${user.username} is now on tier ${user.tier}.`,
        describeUser(user),
      ]);
    },
  }),
);
