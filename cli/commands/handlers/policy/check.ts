import { defineCommand } from '../../../parser/command.ts';
import { parsePolicySource, readPolicySource } from '../../../project/file/policy-source.ts';
import { facts } from '../../../terminal/table.ts';
import { styled, text, type Text } from '../../../terminal/text.ts';
import { formatCount } from '../../../../olin/quantities.ts';

export const command = defineCommand({
  summary: 'Check a policy file locally',
  description:
    'Parses a policy as the server does and prints what it allows. With --url, prints whether a guest may open the URL, and which line decides it. Works offline.',
  arguments: {
    file: {
      value: 'FILE',
      description: 'The policy file, or - for standard input. Default: `policy` in trisiel.toml.',
      optional: true,
    },
  },
  options: {
    url: {
      kind: 'list',
      short: 'u',
      value: 'URL',
      description:
        'Checks whether a guest may open this URL. Can be repeated. Exits with 5 if one is refused.',
    },
  },
  examples: [
    { line: 'trisiel policy check policy.txt', what: 'Check that the policy is valid.' },
    {
      line: 'trisiel policy check policy.txt --url https://api.example.com/v1/users',
      what: 'Check whether a guest may open a URL.',
    },
    {
      line: 'trisiel policy show brave-otter | trisiel policy check - --url random://',
      what: 'Check the policy of a deployed handler.',
    },
  ],
  json: 'an object: place, allow (an array of expressions, or null if there is no list), disallow (an array), gasLimit, ramPageLimit, urls (an array of url, allowed, line and expression (or null if no line decided), why).',
  exits: ['ok', 'usage', 'refused'],
  async run(context) {
    const source = await readPolicySource(context, context.args.file);
    const policy = await parsePolicySource(source);
    const allow = policy.allow?.map(({ expression }) => expression) ?? null;
    const disallow = policy.disallow.map(({ expression }) => expression);
    const { gasLimit, ramPageLimit } = policy;
    const { explainPolicy } = await import('../../../../olin/index.ts');
    const urls = context.options.url.map((url) => {
      const { allowed, rule, why } = explainPolicy(policy, url);
      return { url, allowed, line: rule?.line ?? null, expression: rule?.expression ?? null, why };
    });
    const found = { place: source.place, allow, disallow, gasLimit, ramPageLimit, urls };
    await context.out.give(found, () => [
      text`The policy in ${source.place} is valid.`,
      facts([
        ['Allows', allow === null ? 'everything that is not disallowed' : formatList(allow)],
        ['Disallows', formatList(disallow)],
        ['Gas', `${formatCount(gasLimit)} instructions`],
        ['Memory', `${formatCount(ramPageLimit)} pages of 64 KiB`],
      ]),
      ...urls.map(describeDecision),
    ]);
    return urls.every(({ allowed }) => allowed) ? 'ok' : 'refused';
  },
});

function describeDecision(answer: {
  readonly url: string;
  readonly allowed: boolean;
  readonly why: string;
}): Text {
  const { url, allowed, why } = answer;
  return text`\n${styled(allowed ? 'green' : 'red', allowed ? 'yes' : 'no ')}  ${styled('bold', url)}\n     ${why}`;
}

function formatList(expressions: readonly string[]): string {
  return expressions.length === 0 ? 'nothing' : expressions.join('  ');
}
