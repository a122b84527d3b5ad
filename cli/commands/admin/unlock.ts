import { take } from '../../../client/api.ts';
import { defineCommand } from '../../parser/command.ts';
import { adminCommand } from '../../account/admin-command.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { text } from '../../terminal/text.ts';
import { findUserId, describeUser } from '../../account/users.ts';

export const command = adminCommand(
  defineCommand({
    summary: 'Unlock a user',
    description: 'Unlocks a user: their handlers run again.',
    arguments: { user: { value: 'USER', description: 'The name or ID of the user.' } },
    options: {},
    examples: [{ line: 'trisiel admin unlock mallory', what: 'Unlock the user mallory.' }],
    json: 'the user.',
    exits: SERVER_EXITS,
    async run({ api: connect, args, out }) {
      const api = await connect();
      const path = { user: await findUserId(api, args.user) };
      const user = await take(
        api.PATCH('/api/users/{user}', { params: { path }, body: { locked: false } }),
      );
      await out.give(user, () => [text`Unlocked ${user.username}.`, describeUser(user)]);
    },
  }),
);
