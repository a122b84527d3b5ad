import { take } from '../../../client/api.ts';
import type { Api } from '../../../client/api.ts';
import type { ApiHandler } from '../../../client/views.ts';
import { defineCommand, HANDLER_ARGUMENT } from '../../parser/command.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { curlLine } from '../../handler/handlers.ts';
import { formatBytes } from '../../../olin/quantities.ts';
import { formatRelativeTime } from '../../terminal/quantities.ts';
import { facts } from '../../terminal/table.ts';
import { text, type Word } from '../../terminal/text.ts';

export const command = defineCommand({
  summary: 'Show a handler',
  description: 'Shows a handler: active version, URL, policy and configuration keys.',
  arguments: { handler: HANDLER_ARGUMENT },
  options: {},
  examples: [{ line: 'trisiel show brave-otter', what: 'Show one handler.' }],
  json: 'an object: handler, version (or null), config (keys only), policy (text or null).',
  exits: SERVER_EXITS,
  async run({ api: connect, args, settings, out }) {
    const api = await connect();
    const path = { handler: await settings.handler(args.handler) };
    const [handler, { keys }, { policy }] = await Promise.all([
      take(api.GET('/api/handlers/{handler}', { params: { path } })),
      take(api.GET('/api/handlers/{handler}/config', { params: { path } })),
      take(api.GET('/api/handlers/{handler}/policy', { params: { path } })),
    ]);
    const version = await activeVersion(api, handler);
    await out.give({ handler, version, config: keys, policy }, () => {
      const rows: (readonly [string, Word])[] = [
        ['Name', handler.name],
        ['Id', handler.id],
        ['Description', handler.description === '' ? 'none' : handler.description],
        ['Mode', handler.private ? `${handler.mode}, private` : handler.mode],
        [
          'Version',
          version === null
            ? 'none'
            : `${version.number}, ${formatBytes(version.bytes)}, ${formatRelativeTime(version.createdAt)} by ${version.createdBy}`,
        ],
        ...(version === null ? [] : [['Standing', version.standing.detail] as const]),
        ['Digest', version === null ? 'none' : version.digest],
        ['Imports', version === null ? 'none' : version.imports.join(' ')],
        ['Configuration', keys.length === 0 ? 'none' : keys.map(({ key }) => key).join(' ')],
        ['Trace', handler.trace ? 'recorded with each execution' : 'not recorded'],
        ['URL', handler.url],
        ...(handler.deletedAt === null
          ? []
          : [['Deleted', formatRelativeTime(handler.deletedAt)] as const]),
      ];
      return [
        facts(rows),
        ...(policy === null ? [] : [text`\nPolicy:\n${policy.trimEnd()}`]),
        text`\n${curlLine(handler)}`,
      ];
    });
  },
});

async function activeVersion(api: Api, { id, activeVersion: version }: ApiHandler) {
  if (version === null) return null;
  const path = { handler: id, version };
  return take(api.GET('/api/handlers/{handler}/versions/{version}', { params: { path } }));
}
