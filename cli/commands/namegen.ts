import { take } from '../../client/api.ts';
import { defineCommand } from '../parser/command.ts';
import { SERVER_EXITS } from '../exit-codes.ts';
import { text } from '../terminal/text.ts';

export const command = defineCommand({
  summary: 'Make up a name',
  description: 'Makes up a pleasant name that a handler may have. Nothing is reserved by it.',
  arguments: {},
  options: {},
  examples: [
    {
      line: 'trisiel deploy --name "$(trisiel namegen)"',
      what: 'Deploys under a name that is new.',
    },
  ],
  json: 'an object: name.',
  exits: SERVER_EXITS,
  async run({ api, out }) {
    const made = await take((await api()).GET('/api/name'));
    await out.give(made, () => text`${made.name}`);
  },
});
