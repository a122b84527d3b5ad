import { take } from '../../client/api.ts';
import type { Execution } from '../../client/views.ts';
import { defineCommand, HANDLER_ARGUMENT } from '../parser/command.ts';
import { SERVER_EXITS } from '../exit-codes.ts';
import { collect } from '../pages.ts';
import { text } from '../terminal/text.ts';
import { readTimeOption, TIME_FORM } from '../terminal/times.ts';

export const command = defineCommand({
  summary: 'Show the log of a handler',
  description:
    'Shows runs of a handler with what they logged, the oldest first. --follow goes on as runs happen, until Ctrl-C; it survives a connection that breaks off and a server that restarts, and misses none.',
  arguments: { handler: HANDLER_ARGUMENT },
  options: {
    follow: { kind: 'flag', short: 'f', description: 'Goes on as runs happen.' },
    since: {
      kind: 'text',
      value: 'TIME',
      description: `Runs not older than this: ${TIME_FORM}.`,
    },
    grep: {
      kind: 'text',
      value: 'TEXT',
      description: 'Runs whose log has this text, in any case.',
    },
    limit: {
      kind: 'count',
      value: 'N',
      minimum: 0,
      maximum: 1000,
      default: 20,
      description: 'How many of the past.',
    },
  },
  examples: [
    { line: 'trisiel logs brave-otter --follow', what: 'Watches it work.' },
    {
      line: 'trisiel logs brave-otter --since 1h --grep timeout',
      what: 'What timed out in the last hour?',
    },
  ],
  json: 'a line for each run: the execution whole, with log and trap.',
  streams: true,
  exits: SERVER_EXITS,
  async run(context) {
    const { api: connect, args, options, settings, out } = context;
    const handler = await settings.handler(args.handler);
    const since = readTimeOption('since', options.since);
    const api = await connect();
    const filter = { handler, ...(options.grep === undefined ? {} : { text: options.grep }) };
    const readPast = async (): Promise<Execution[]> =>
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
    const { followLog, describeRuns } = await import('../handler/follow-log.ts');
    if (options.follow) return followLog(context, api, filter, readPast);
    const past = await readPast();
    await describeRuns(context, api, past.toReversed());
    if (past.length === 0) await out.note(text`Nothing was logged by ${handler} in that time.`);
  },
});
