import { asProblem, take, type Api } from '../../../client/api.ts';
import { ApiError } from '../../../client/errors.ts';
import { defineCommand, HANDLER_ARGUMENT } from '../../parser/command.ts';
import { CommandError } from '../../errors.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { text } from '../../terminal/text.ts';

export const command = defineCommand({
  summary: 'Activate an earlier version',
  description:
    'Activates the previously active version, or the one that --to names. Policy and configuration do not change.',
  arguments: { handler: HANDLER_ARGUMENT },
  options: {
    to: {
      kind: 'count',
      value: 'VERSION',
      minimum: 1,
      maximum: 2_147_483_647,
      description: 'The version to activate. Default: the previously active one.',
    },
  },
  examples: [
    { line: 'trisiel rollback brave-otter', what: 'Undo the last deployment.' },
    { line: 'trisiel rollback brave-otter --to 3', what: 'Activate version 3, older or newer.' },
  ],
  json: 'an object: from (a number or null), and version, now active.',
  exits: SERVER_EXITS,
  async run({ api: connect, args, options, settings, out }) {
    const api = await connect();
    const name = await settings.handler(args.handler);
    const handler = await take(
      api.GET('/api/handlers/{handler}', { params: { path: { handler: name } } }),
    );
    const from = handler.activeVersion;
    const version = await take(
      api.POST('/api/handlers/{handler}/versions/{version}/activate', {
        params: {
          path: {
            handler: handler.id,
            version: options.to ?? (await findBefore(api, handler.id, from)),
          },
        },
      }),
    );
    await out.give({ from, version }, () => [
      text`Version ${version.number} of ${handler.name} is active.`,
      ...(from === null || from === version.number
        ? []
        : [text`Go back: trisiel rollback ${handler.name} --to ${from}`]),
    ]);
  },
});

/** The last active version other than the current one that still exists. */
async function findBefore(api: Api, handler: string, now: number | null): Promise<number> {
  const { items } = await take(
    api.GET('/api/handlers/{handler}/activations', {
      params: { path: { handler }, query: { limit: 100 } },
    }),
  );
  for (const version of new Set(items.map((each) => each.version))) {
    if (version !== now && (await isThere(api, handler, version))) return version;
  }
  throw new CommandError('No other version was active before. See: trisiel versions', 'not-found');
}

/** Whether the version still exists. */
async function isThere(api: Api, handler: string, version: number): Promise<boolean> {
  const { response, error } = await api.GET('/api/handlers/{handler}/versions/{version}', {
    params: { path: { handler, version } },
  });
  if (response.status === 404) return false;
  if (error !== undefined) throw new ApiError(asProblem(error, response));
  return true;
}
