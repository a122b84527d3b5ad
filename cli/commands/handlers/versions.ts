import { take, type Api } from '../../../client/api.ts';
import { defineCommand, HANDLER_ARGUMENT } from '../../parser/command.ts';
import type { Context } from '../../context.ts';
import { Interrupted } from '../../errors.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { formatStanding } from '../../handler/standing.ts';
import { formatBytes } from '../../../olin/quantities.ts';
import { formatRelativeTime } from '../../terminal/quantities.ts';
import { styled, text } from '../../terminal/text.ts';

export const command = defineCommand({
  summary: 'List or delete versions of a handler',
  description:
    'Lists the versions of a handler, newest first. The active one is marked with *. A version is trusted, on probation or quarantined; the reason for a quarantine is printed below the list. With --delete, permanently deletes a version that is not active; its executions are kept.',
  arguments: { handler: HANDLER_ARGUMENT },
  options: {
    limit: {
      kind: 'count',
      value: 'N',
      minimum: 1,
      maximum: 100,
      default: 20,
      description: 'Maximum number of versions.',
    },
    delete: {
      kind: 'count',
      value: 'VERSION',
      minimum: 1,
      maximum: 2_147_483_647,
      description: 'Deletes this version instead of listing.',
    },
    yes: { kind: 'flag', short: 'y', description: 'With --delete: skips the confirmation.' },
  },
  examples: [
    { line: 'trisiel versions brave-otter', what: 'List what was deployed, when, and by whom.' },
    { line: 'trisiel versions brave-otter --delete 3 --yes', what: 'Delete version 3.' },
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
      if (items.length === 0) return text`There are no versions yet. Deploy one: trisiel deploy`;
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
          formatRelativeTime(each.createdAt),
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
  // Fail before the confirmation if there is no such version.
  await take(api.GET(place, { params }));
  if (!isSure) {
    const sure = await ask.confirm(
      `Delete version ${version} of ${handler}? This cannot be undone.`,
      'Pass --yes',
    );
    if (!sure) throw new Interrupted();
  }
  const deleted = await take(api.DELETE(place, { params }));
  await out.give(deleted, () => text`Deleted version ${version} of ${handler}.`);
}
