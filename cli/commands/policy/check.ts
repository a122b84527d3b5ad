import { defineCommand } from '../../parser/command.ts';
import { parsePolicySource, readPolicySource } from '../../project/file/policy-source.ts';
import { facts } from '../../terminal/table.ts';
import { styled, text, type Text } from '../../terminal/text.ts';
import { formatCount } from '../../../olin/quantities.ts';

export const command = defineCommand({
  summary: 'Check a policy file, here',
  description:
    'Parses a policy as the server would, and tells what it allows; with --url, whether a guest could open that URL, and which line says so. Opens nothing, sends nothing, and needs no server.',
  arguments: {
    file: {
      value: 'FILE',
      description: 'The policy; - is standard input. Default: `policy` of trisiel.toml.',
      optional: true,
    },
  },
  options: {
    url: {
      kind: 'list',
      short: 'u',
      value: 'URL',
      description:
        'Would this be allowed, as a guest opens it? Can be given again. Ends with 5 where one is refused.',
    },
  },
  examples: [
    { line: 'trisiel policy check policy.txt', what: 'Would the server take it?' },
    {
      line: 'trisiel policy check policy.txt --url https://api.example.com/v1/users',
      what: 'Could a guest open this, and by which line?',
    },
    {
      line: 'trisiel policy show brave-otter | trisiel policy check - --url random://',
      what: 'The same of a handler’s policy.',
    },
  ],
  json: 'an object: place, allow (an array of expressions, or null where there is no list), disallow (an array), gasLimit, ramPageLimit, urls (an array of url, allowed, line and expression (or null where no line decided), why).',
  exits: ['ok', 'usage', 'refused'],
  async run(context) {
    const source = await readPolicySource(context, context.args.file);
    const policy = await parsePolicySource(source);
    const allow = policy.allow?.map(({ expression }) => expression) ?? null;
    const disallow = policy.disallow.map(({ expression }) => expression);
    const { gasLimit, ramPageLimit } = policy;
    const { explainPolicy } = await import('../../../olin/index.ts');
    const urls = context.options.url.map((url) => {
      const { allowed, rule, why } = explainPolicy(policy, url);
      return { url, allowed, line: rule?.line ?? null, expression: rule?.expression ?? null, why };
    });
    const found = { place: source.place, allow, disallow, gasLimit, ramPageLimit, urls };
    await context.out.give(found, () => [
      text`The policy of ${source.place} is well-formed.`,
      facts([
        ['Allows', allow === null ? 'what is not disallowed' : sayList(allow)],
        ['Disallows', sayList(disallow)],
        ['Gas', `${formatCount(gasLimit)} instructions`],
        ['Memory', `${formatCount(ramPageLimit)} pages of 64 KiB`],
      ]),
      ...urls.map(sayUrl),
    ]);
    return urls.every(({ allowed }) => allowed) ? 'ok' : 'refused';
  },
});

function sayUrl(answer: {
  readonly url: string;
  readonly allowed: boolean;
  readonly why: string;
}): Text {
  const { url, allowed, why } = answer;
  return text`\n${styled(allowed ? 'green' : 'red', allowed ? 'yes' : 'no ')}  ${styled('bold', url)}\n     ${why}`;
}

function sayList(expressions: readonly string[]): string {
  return expressions.length === 0 ? 'nothing' : expressions.join('  ');
}
