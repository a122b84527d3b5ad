import { take } from '../../../../client/api.ts';
import { defineCommand, HANDLER_ARGUMENT } from '../../../parser/command.ts';
import { SERVER_EXITS } from '../../../exit-codes.ts';
import { formatRelativeTime } from '../../../terminal/quantities.ts';
import { text } from '../../../terminal/text.ts';

export const command = defineCommand({
  summary: 'List configuration keys',
  description: 'Lists the keys and when they were set. The server never returns values.',
  arguments: { handler: HANDLER_ARGUMENT },
  options: {},
  examples: [{ line: 'trisiel config list brave-otter', what: 'List the keys of one handler.' }],
  json: 'an array of keys: key, setBy, updatedAt.',
  exits: SERVER_EXITS,
  async run({ api: connect, args, settings, out }) {
    const api = await connect();
    const path = { handler: await settings.handler(args.handler) };
    const { keys } = await take(api.GET('/api/handlers/{handler}/config', { params: { path } }));
    await out.give(keys, () => {
      if (keys.length === 0) return text`No key is set. Set one: trisiel config set KEY=VALUE`;
      return out.table(
        [{ title: 'KEY' }, { title: 'SET' }, { title: 'BY' }],
        keys.map(({ key, updatedAt, setBy }) => [key, formatRelativeTime(updatedAt), setBy]),
      );
    });
  },
});
