import { take } from '../../../../client/api.ts';
import { defineCommand } from '../../../parser/command.ts';
import { isKey, splitHandler } from '../../../handler/config-words.ts';
import { UsageError } from '../../../errors.ts';
import { SERVER_EXITS } from '../../../exit-codes.ts';
import { text } from '../../../terminal/text.ts';

export const command = defineCommand({
  summary: 'Remove configuration keys',
  description: 'Removes keys. The change applies from the handler’s next run on.',
  arguments: {
    words: {
      value: 'WORD',
      description: 'The handler, unless trisiel.toml names it, then the keys.',
      repeats: true,
    },
  },
  options: {},
  examples: [{ line: 'trisiel config unset brave-otter API_KEY', what: 'Remove one key.' }],
  json: 'an object: handler, unset (an array of keys).',
  exits: SERVER_EXITS,
  async run({ api: connect, args, settings, out }) {
    const { name, rest } = splitHandler(args.words, 1);
    if (rest.length === 0) throw new UsageError('No key is given. Name one after the handler.');
    const wrong = rest.find((each) => !isKey(each));
    if (wrong !== undefined) {
      throw new UsageError(`"${wrong}" is not a valid key. Use letters, digits and underscores.`);
    }
    const handler = await settings.handler(name);
    const api = await connect();
    for (const key of rest) {
      await take(
        api.DELETE('/api/handlers/{handler}/config/{key}', { params: { path: { handler, key } } }),
      );
    }
    await out.give({ handler, unset: rest }, () => text`Unset ${rest.join(', ')} of ${handler}.`);
  },
});
