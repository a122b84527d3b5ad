import { take, type Api } from '../../client/api.ts';
import { defineCommand, HANDLER_ARGUMENT } from '../parser/command.ts';
import type { Context } from '../context.ts';
import { Interrupted } from '../errors.ts';
import { SERVER_EXITS } from '../exit-codes.ts';
import { formatStanding } from '../handler/standing.ts';
import { formatBytes } from '../../olin/quantities.ts';
import { sayWhen } from '../terminal/quantities.ts';
import { styled, text } from '../terminal/text.ts';

export const command = defineCommand({
  summary: 'List the versions of a handler, or delete one',
  description:
    'Lists the modules that were uploaded to a handler, the newest first. The one that answers has a star. A version is trusted, on probation, or in quarantine; why, and the way out, stands below the list. With --delete, a version that does not answer is deleted for good, to make room; its runs stay.',
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
    delete: {
      kind: 'count',
      value: 'VERSION',
      minimum: 1,
      maximum: 2_147_483_647,
      description: 'Deletes this version, in place of listing.',
    },
    yes: { kind: 'flag', short: 'y', description: 'With --delete: does not ask.' },
  },
  examples: [
    { line: 'trisiel versions brave-otter', what: 'What was deployed when, and by whom?' },
    { line: 'trisiel versions brave-otter --delete 3 --yes', what: 'Makes room.' },
  ],
  json: 'an array of versions, with --delete the one that was deleted: number, active, standing (state, goodRuns, neededRuns, reason, since, retryAt, detail), digest, bytes, imports, memoryPages, functions, features, note, createdBy, createdAt, id.',
  exits: SERVER_EXITS,
  async run(context) {
    const { api: connect, args, options, settings, out } = context;
    const api = await connect();
    const handler = await settings.handler(args.handler);
    if (options.delete !== undefined) {
      return deleteVersion(context, api, { handler, version: options.delete }, options.yes);
    }
    const { items } = await take(
      api.GET('/api/handlers/{handler}/versions', {
        params: {
          path: { handler },
          query: { limit: options.limit },
        },
      }),
    );
    await out.give(items, () => {
      if (items.length === 0) return text`No module was uploaded yet. Deploy one: trisiel deploy`;
      const table = out.table(
        [
          { title: '' },
          { title: 'VERSION', align: 'right' },
          { title: 'STANDING' },
          { title: 'SIZE', align: 'right' },
          { title: 'UPLOADED' },
          { title: 'BY' },
          { title: 'DIGEST' },
          { title: 'NOTE' },
        ],
        items.map((each) => [
          each.active ? styled('green', '*') : '',
          each.number,
          formatStanding(each.standing),
          formatBytes(each.bytes),
          sayWhen(each.createdAt),
          each.createdBy,
          each.digest.slice(0, 12),
          each.note,
        ]),
      );
      const quarantined = items.filter(({ standing }) => standing.state === 'quarantined');
      return [table, ...quarantined.map(({ standing }) => text`${standing.detail}`)];
    });
  },
});

async function deleteVersion(
  { ask, out }: Context,
  api: Api,
  { handler, version }: { readonly handler: string; readonly version: number },
  isSure: boolean,
): Promise<void> {
  const place = '/api/handlers/{handler}/versions/{version}';
  const params = { path: { handler, version } };
  // Before the question: whether there is one.
  await take(api.GET(place, { params }));
  if (!isSure) {
    const sure = await ask.confirm(
      `Delete version ${version} of ${handler}? It cannot be brought back.`,
      'Say --yes',
    );
    if (!sure) throw new Interrupted();
  }
  const deleted = await take(api.DELETE(place, { params }));
  await out.give(deleted, () => text`Deleted version ${version} of ${handler}.`);
}
