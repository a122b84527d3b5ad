import { take } from '../../../client/api.ts';
import type { ApiExecution } from '../../../client/views.ts';
import { defineCommand, HANDLER_ARGUMENT } from '../../parser/command.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { collect } from '../../pages.ts';
import { text } from '../../terminal/text.ts';
import { readTimeOption, TIME_FORM } from '../../terminal/times.ts';

export const command = defineCommand({
  summary: 'Show or follow the logs of a handler',
  description:
    'Shows the executions of a handler with their log lines, oldest first. --follow continues with new executions until Ctrl-C. It reconnects after lost connections and server restarts without missing executions.',
  arguments: { handler: HANDLER_ARGUMENT },
  options: {
    follow: {
      kind: 'flag',
      short: 'f',
      description: 'Continues with new executions until Ctrl-C.',
    },
    since: {
      kind: 'text',
      value: 'TIME',
      description: `Shows executions since this time: ${TIME_FORM}.`,
    },
    grep: {
      kind: 'text',
      value: 'TEXT',
      description: 'Shows executions whose log contains this text. Not case-sensitive.',
    },
    limit: {
      kind: 'count',
      value: 'N',
      minimum: 0,
      maximum: 1000,
      default: 20,
      description: 'Maximum number of past executions.',
    },
  },
  examples: [
    { line: 'trisiel logs brave-otter --follow', what: 'Follow the logs of a handler.' },
    {
      line: 'trisiel logs brave-otter --since 1h --grep timeout',
      what: 'Find timeouts in the last hour.',
    },
  ],
  json: 'a line for each execution, with log and trap.',
  streams: true,
  exits: SERVER_EXITS,
  async run(context) {
    const { api: connect, args, options, settings, out } = context;
    const handler = await settings.handler(args.handler);
    const since = readTimeOption('since', options.since);
    const api = await connect();
    const filter = { handler, ...(options.grep === undefined ? {} : { text: options.grep }) };
    const readPast = async (): Promise<ApiExecution[]> =>
      options.limit === 0
        ? []
        : collect(
            (cursor) =>
              take(
                api.GET('/api/executions', {
                  params: {
                    query: {
                      ...filter,
                      limit: Math.min(options.limit, 100),
                      ...(since === undefined ? {} : { since }),
                      ...(cursor === undefined ? {} : { cursor }),
                    },
                  },
                }),
              ),
            options.limit,
          );
    const { followLog, describeRuns } = await import('../../handler/follow-log.ts');
    if (options.follow) return followLog(context, api, filter, readPast);
    const past = await readPast();
    await describeRuns(context, api, past.toReversed());
    if (past.length === 0) await out.note(text`${handler} has no matching executions.`);
  },
});
