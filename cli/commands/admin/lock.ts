import { take } from '../../../client/api.ts';
import { defineCommand } from '../../parser/command.ts';
import { adminCommand } from '../../account/admin-command.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { text } from '../../terminal/text.ts';
import { findUserId, describeUser } from '../../account/users.ts';

export const command = adminCommand(
  defineCommand({
    summary: 'Lock a user',
    description: 'Locks a user: their handlers stop, and the API refuses their requests.',
    arguments: {
      user: { value: 'USER', description: 'The name or ID of the user.' },
      reason: { value: 'REASON', description: 'The reason, shown to the user.' },
    },
    options: {},
    examples: [
      {
        line: 'trisiel admin lock mallory "Your handlers mine coins."',
        what: 'Lock the user mallory.',
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
  }),
);
