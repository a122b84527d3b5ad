import { take } from '../../client/api.ts';
import { defineCommand, HANDLER_ARGUMENT } from '../command.ts';
import { SERVER_EXITS } from '../exit-codes.ts';
import { sayBytes, sayWhen } from '../terminal/quantities.ts';
import { styled, text } from '../terminal/text.ts';

export const command = defineCommand({
  summary: 'List the versions of a handler',
  description:
    'Lists the modules that were uploaded to a handler, the newest first. The one that answers has a star.',
  arguments: { handler: HANDLER_ARGUMENT },
  options: {
    limit: {
      kind: 'count',
      value: 'N',
      minimum: 1,
      maximum: 100,
      default: 20,
      description: 'How many.',
    },
  },
  examples: [
    { line: 'trisiel versions brave-otter', what: 'What was deployed when, and by whom?' },
  ],
  json: 'an array of versions: number, active, digest, bytes, imports, memoryPages, functions, features, note, createdBy, createdAt, id.',
  exits: SERVER_EXITS,
  async run({ api: connect, args, options, settings, out }) {
    const api = await connect();
    const { items } = await take(
      api.GET('/api/handlers/{handler}/versions', {
        params: {
          path: { handler: await settings.handler(args.handler) },
          query: { limit: options.limit },
        },
      }),
    );
    await out.give(items, () => {
      if (items.length === 0) return text`No module was uploaded yet. Deploy one: trisiel deploy`;
      return out.table(
        [
          { title: '' },
          { title: 'VERSION', align: 'right' },
          { title: 'SIZE', align: 'right' },
          { title: 'UPLOADED' },
          { title: 'BY' },
          { title: 'DIGEST' },
          { title: 'NOTE' },
        ],
        items.map((each) => [
          each.active ? styled('green', '*') : '',
          each.number,
          sayBytes(each.bytes),
          sayWhen(each.createdAt),
          each.createdBy,
          each.digest.slice(0, 12),
          each.note,
        ]),
      );
    });
  },
});
