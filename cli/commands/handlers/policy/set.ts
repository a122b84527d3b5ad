import { take } from '../../../../client/api.ts';
import { defineCommand, HANDLER_ARGUMENT } from '../../../parser/command.ts';
import { UsageError } from '../../../errors.ts';
import { SERVER_EXITS } from '../../../exit-codes.ts';
import { parsePolicySource, readPolicySource } from '../../../project/file/policy-source.ts';
import { text } from '../../../terminal/text.ts';

export const command = defineCommand({
  summary: 'Set the policy of a handler',
  description:
    'Checks a policy file locally, then sets it. It applies from the handler’s next run on. --none removes the policy.',
  arguments: { handler: HANDLER_ARGUMENT },
  options: {
    file: {
      kind: 'text',
      short: 'f',
      value: 'FILE',
      description: 'The policy file, or - for standard input. Default: `policy` in trisiel.toml.',
    },
    none: { kind: 'flag', description: 'Removes the policy.' },
  },
  examples: [
    {
      line: 'trisiel policy set brave-otter --file policy.txt',
      what: 'Set the policy from a file.',
    },
    { line: 'trisiel policy set brave-otter --none', what: 'Remove the policy.' },
  ],
  json: 'an object: policy (text or null).',
  exits: SERVER_EXITS,
  async run(context) {
    const { api: connect, args, options, settings, out } = context;
    if (options.none && options.file !== undefined) {
      throw new UsageError('Use --file or --none, not both.');
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
        ? text`Removed the policy of ${handler}.`
        : text`Set the policy of ${handler} from ${source.place}. It applies from the next run on.`,
    );
  },
});
