import { take } from '../../../client/api.ts';
import { defineCommand } from '../../parser/command.ts';
import { UsageError } from '../../errors.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { text } from '../../terminal/text.ts';
import { findUserId, describeUser } from '../../account/users.ts';

const TIERS = ['0', '1', '2'];

export const command = defineCommand({
  summary: 'Give a user a tier',
  description:
    'Gives a user a tier, from the next request on. For administrators: sign in with trisiel login --admin.',
  arguments: {
    user: { value: 'USER', description: 'The name or id.' },
    tier: { value: 'TIER', description: '0 reads, 1 deploys, 2 deploys more.' },
  },
  options: {},
  examples: [{ line: 'trisiel admin tier ada 1', what: 'Ada may deploy.' }],
  json: 'the user.',
  exits: SERVER_EXITS,
  async run({ api: connect, args, out }) {
    if (!TIERS.includes(args.tier)) {
      throw new UsageError(`TIER is "${args.tier}"; it must be 0, 1 or 2.`);
    }
    const api = await connect();
    const path = { user: await findUserId(api, args.user) };
    const user = await take(
      api.PATCH('/api/users/{user}', { params: { path }, body: { tier: Number(args.tier) } }),
    );
    await out.give(user, () => [
      text`${user.username} has tier ${user.tier} now.`,
      describeUser(user),
    ]);
  },
});
