import { take } from '../../../client/api.ts';
import { defineCommand } from '../../parser/command.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { formatCount, formatMs } from '../../../olin/quantities.ts';
import { EXECUTION_STATUSES } from '../../../server/execution-status.ts';
import { styleStatus, formatRelativeTime } from '../../terminal/quantities.ts';
import { styled, text } from '../../terminal/text.ts';
import { readTimeOption, TIME_FORM } from '../../terminal/times.ts';

export const command = defineCommand({
  summary: 'List executions',
  description: 'Lists executions of your handlers, newest first.',
  arguments: {
    handler: {
      value: 'NAME',
      description:
        'Lists executions of this handler only. Default: the handler in trisiel.toml, otherwise all handlers.',
      optional: true,
    },
  },
  options: {
    status: {
      kind: 'text',
      value: 'STATUS',
      choices: EXECUTION_STATUSES,
      description: 'Lists executions with this status only.',
    },
    http: {
      kind: 'text',
      value: 'CLASS',
      choices: ['2xx', '3xx', '4xx', '5xx'] as const,
      description: 'Lists executions whose response had a status of this class.',
    },
    since: {
      kind: 'text',
      value: 'TIME',
      description: `Lists executions since this time: ${TIME_FORM}.`,
    },
    until: {
      kind: 'text',
      value: 'TIME',
      description: 'Lists executions before this time, in the same format.',
    },
    grep: {
      kind: 'text',
      value: 'TEXT',
      description: 'Lists executions whose log contains this text. Ignores case.',
    },
    limit: {
      kind: 'count',
      value: 'N',
      minimum: 1,
      maximum: 100,
      default: 20,
      description: 'Maximum number of executions.',
    },
    cursor: {
      kind: 'text',
      value: 'CURSOR',
      description: 'Continues after a page, with the cursor printed at its end.',
    },
    all: {
      kind: 'flag',
      description: 'Lists executions of all your handlers, whatever trisiel.toml says.',
    },
  },
  examples: [
    {
      line: 'trisiel executions brave-otter --status failed --since 1d',
      what: 'List what failed since yesterday.',
    },
  ],
  json: 'an object: items (an array of executions), next (the cursor of the next page, or null).',
  exits: SERVER_EXITS,
  async run({ api: connect, args, options, settings, out }) {
    const { status, http, grep, cursor, limit } = options;
    const handler = options.all ? args.handler : await settings.name(args.handler);
    const since = readTimeOption('since', options.since);
    const until = readTimeOption('until', options.until);
    const api = await connect();
    const page = await take(
      api.GET('/api/executions', {
        params: {
          query: {
            limit,
            ...(handler === undefined ? {} : { handler }),
            ...(status === undefined ? {} : { status }),
            ...(http === undefined ? {} : { http }),
            ...(since === undefined ? {} : { since }),
            ...(until === undefined ? {} : { until }),
            ...(grep === undefined ? {} : { text: grep }),
            ...(cursor === undefined ? {} : { cursor }),
          },
        },
      }),
    );
    await out.give(page, () => {
      if (page.items.length === 0) return text`No executions match.`;
      const rows = out.table(
        [
          { title: 'STARTED' },
          { title: 'HANDLER' },
          { title: 'STATUS' },
          { title: 'HTTP', align: 'right' },
          { title: 'TIME', align: 'right' },
          { title: 'GAS', align: 'right' },
          { title: 'ID' },
          { title: 'REQUEST' },
        ],
        page.items.map((each) => [
          formatRelativeTime(each.startedAt),
          each.version === null ? each.handler : `${each.handler} v${each.version}`,
          styleStatus(each.status, each.httpStatus),
          each.httpStatus ?? '',
          formatMs(each.wallMs),
          formatCount(each.gas),
          each.id,
          `${each.method} ${each.path}`,
        ]),
      );
      return page.next === null ? rows : [rows, styled('dim', `More: --cursor ${page.next}`)];
    });
  },
});
