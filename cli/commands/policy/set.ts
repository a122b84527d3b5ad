import { take } from '../../../client/api.ts';
import { defineCommand, HANDLER_ARGUMENT } from '../../parser/command.ts';
import { UsageError } from '../../errors.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { parsePolicySource, readPolicySource } from '../../project/file/policy-source.ts';
import { text } from '../../terminal/text.ts';

export const command = defineCommand({
  summary: 'Set the policy of a handler',
  description:
    'Checks a policy file here, then sets it. It holds from the handler’s next run on. --none takes it away.',
  arguments: { handler: HANDLER_ARGUMENT },
  options: {
    file: {
      kind: 'text',
      short: 'f',
      value: 'FILE',
      description: 'The policy; - is standard input. Default: `policy` of trisiel.toml.',
    },
    none: { kind: 'flag', description: 'Takes the policy away.' },
  },
  examples: [
    { line: 'trisiel policy set brave-otter --file policy.txt', what: 'From a file.' },
    { line: 'trisiel policy set brave-otter --none', what: 'Without a policy.' },
  ],
  json: 'an object: policy (text or null).',
  exits: SERVER_EXITS,
  async run(context) {
    const { api: connect, args, options, settings, out } = context;
    if (options.none && options.file !== undefined) {
      throw new UsageError('Name a file or say --none, not both.');
    }
    const source = options.none ? undefined : await readPolicySource(context, options.file);
    if (source !== undefined) await parsePolicySource(source);
    const handler = await settings.handler(args.handler);
    const api = await connect();
    const set = await take(
      api.PUT('/api/handlers/{handler}/policy', {
        params: { path: { handler } },
        body: { policy: source?.text ?? null },
      }),
    );
    await out.give(set, () =>
      source === undefined
        ? text`${handler} has no policy now.`
        : text`${handler} runs under the policy of ${source.place} from its next run on.`,
    );
  },
});
