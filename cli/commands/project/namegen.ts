import { take } from '../../../client/api.ts';
import { defineCommand } from '../../parser/command.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { text } from '../../terminal/text.ts';

export const command = defineCommand({
  summary: 'Generate a handler name',
  description: 'Generates a name for a new handler. The name is not reserved.',
  arguments: {},
  options: {},
  examples: [
    {
      line: 'trisiel deploy --name "$(trisiel namegen)"',
      what: 'Deploy a new handler with a generated name.',
    },
  ],
  json: 'an object: name.',
  exits: SERVER_EXITS,
  async run({ api, out }) {
    const made = await take((await api()).GET('/api/name'));
    await out.give(made, () => text`${made.name}`);
  },
});
