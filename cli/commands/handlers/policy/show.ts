import { take } from '../../../../client/api.ts';
import { defineCommand, HANDLER_ARGUMENT } from '../../../parser/command.ts';
import { SERVER_EXITS } from '../../../exit-codes.ts';
import { text } from '../../../terminal/text.ts';

export const command = defineCommand({
  summary: 'Show the policy of a handler',
  description: 'Prints the policy that the handler runs under, as it was set.',
  arguments: { handler: HANDLER_ARGUMENT },
  options: {},
  examples: [{ line: 'trisiel policy show brave-otter > policy.txt', what: 'Save it to a file.' }],
  json: 'an object: policy (text, or null).',
  exits: SERVER_EXITS,
  async run({ api: connect, args, settings, out }) {
    const api = await connect();
    const path = { handler: await settings.handler(args.handler) };
    const { policy } = await take(api.GET('/api/handlers/{handler}/policy', { params: { path } }));
    if (policy === null) {
      await out.note(
        text`There is no policy: the default limits apply, and any public URL may be opened.`,
      );
    }
    await out.give({ policy }, () => (policy === null ? [] : text`${policy.trimEnd()}`));
  },
});
