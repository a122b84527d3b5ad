import { defineCommand } from '../../command.ts';
import { parsePolicySource, readPolicySource } from '../../policy-source.ts';
import { facts } from '../../table.ts';
import { text } from '../../text.ts';
import { sayCount } from '../../quantities.ts';

export const command = defineCommand({
  summary: 'Check a policy file, here',
  description:
    'Parses a policy as the server would, and tells what it allows. Sends nothing, and needs no server.',
  arguments: {
    file: {
      value: 'FILE',
      description: 'The policy; - is standard input. Default: `policy` of trisiel.toml.',
      optional: true,
    },
  },
  options: {},
  examples: [{ line: 'trisiel policy check policy.txt', what: 'Would the server take it?' }],
  json: 'an object: place, allow (an array of expressions, or null where there is no list), disallow (an array), gasLimit, ramPageLimit.',
  exits: ['ok', 'usage', 'refused'],
  async run(context) {
    const source = await readPolicySource(context, context.args.file);
    const policy = await parsePolicySource(source);
    const allow = policy.allow?.map(({ expression }) => expression) ?? null;
    const disallow = policy.disallow.map(({ expression }) => expression);
    const { gasLimit, ramPageLimit } = policy;
    await context.out.give({ place: source.place, allow, disallow, gasLimit, ramPageLimit }, () => [
      text`The policy of ${source.place} is well-formed.`,
      facts([
        ['Allows', allow === null ? 'what is not disallowed' : sayList(allow)],
        ['Disallows', sayList(disallow)],
        ['Gas', `${sayCount(gasLimit)} instructions`],
        ['Memory', `${sayCount(ramPageLimit)} pages of 64 KiB`],
      ]),
    ]);
  },
});

function sayList(expressions: readonly string[]): string {
  return expressions.length === 0 ? 'nothing' : expressions.join('  ');
}
