import { take } from '../../../client/api.ts';
import { defineCommand } from '../../parser/command.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { text } from '../../terminal/text.ts';
import { findUserId, describeUser } from '../../account/users.ts';

export const command = defineCommand({
  summary: 'Lock a user',
  description:
    'Locks a user: nothing of theirs runs, and they can do nothing. For administrators: sign in with trisiel login --admin.',
  arguments: {
    user: { value: 'USER', description: 'The name or id.' },
    reason: { value: 'REASON', description: 'A sentence that the user is shown.' },
  },
  options: {},
  examples: [
    {
      line: 'trisiel admin lock mallory "Your handlers mine coins."',
      what: 'Mallory is out at once.',
    },
  ],
  json: 'the user.',
  exits: SERVER_EXITS,
  async run({ api: connect, args, out }) {
    const api = await connect();
    const path = { user: await findUserId(api, args.user) };
    const user = await take(
      api.PATCH('/api/users/{user}', {
        params: { path },
        body: { locked: true, reason: args.reason },
      }),
    );
    await out.give(user, () => [
      text`Locked ${user.username}. Undo it: trisiel admin unlock ${user.id}`,
      describeUser(user),
    ]);
  },
});
