import { take, type Api } from '../../client/api.ts';
import type { Execution, ExecutionDetail } from '../../client/views.ts';
import { defineCommand, HANDLER_ARGUMENT } from '../command.ts';
import type { Context } from '../context.ts';
import { tellLogEntry } from '../handler/execution-text.ts';
import { SERVER_EXITS } from '../exit-codes.ts';
import { collect } from '../pages.ts';
import { text } from '../terminal/text.ts';
import { readTimeOption } from '../terminal/times.ts';

/** Details that are asked for at one time. */
const AT_ONCE = 4;

export const command = defineCommand({
  summary: 'Show the log of a handler',
  description:
    'Shows runs of a handler with what they logged, the oldest first. --follow goes on as runs happen, until Ctrl-C; it survives a connection that breaks off, and misses none.',
  arguments: { handler: HANDLER_ARGUMENT },
  options: {
    follow: { kind: 'flag', short: 'f', description: 'Goes on as runs happen.' },
    since: {
      kind: 'text',
      value: 'TIME',
      description:
        'Runs not older than this: 30s, 15m, 2h, 7d, or a time such as 2026-11-24T10:00:00Z.',
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
    const past =
      options.limit === 0
        ? []
        : await collect(
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
    await tellAll(context, api, past.toReversed());
    if (options.follow) await follow(context, api, filter, new Set(past.map(({ id }) => id)));
    else if (past.length === 0)
      await out.note(text`Nothing was logged by ${handler} in that time.`);
  },
});

async function follow(
  context: Context,
  api: Api,
  filter: { handler: string; text?: string },
  told: ReadonlySet<string>,
): Promise<void> {
  const { apiOptions, signal, out } = context;
  const { followExecutions } = await import('../../client/tail.ts');
  let isBroken = false;
  const runs = followExecutions({
    ...(await apiOptions()),
    filter,
    signal,
    onState: (state) => {
      if (state === 'waiting' && !isBroken)
        void out.note(text`The connection broke off; it is tried again …`);
      if (state === 'open' && isBroken) void out.note(text`The connection stands again.`);
      isBroken = state === 'waiting';
    },
  });
  for await (const run of runs) if (!told.has(run.id)) await tellAll(context, api, [run]);
}

/** In order, while the next ones are on their way. */
async function tellAll({ out }: Context, api: Api, runs: readonly Execution[]): Promise<void> {
  for (let at = 0; at < runs.length; at += AT_ONCE) {
    const details = await Promise.all(runs.slice(at, at + AT_ONCE).map(({ id }) => load(api, id)));
    for (const each of details) await out.stream(each, () => tellLogEntry(each));
  }
}

function load(api: Api, execution: string): Promise<ExecutionDetail> {
  return take(api.GET('/api/executions/{execution}', { params: { path: { execution } } }));
}
