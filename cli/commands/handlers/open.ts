import { take } from '../../../client/api.ts';
import { openInBrowser } from '../../terminal/browser.ts';
import { defineCommand } from '../../parser/command.ts';
import { UsageError } from '../../errors.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { text } from '../../terminal/text.ts';
import type { Context } from '../../context.ts';

const OPEN_TARGETS = ['panel', 'docs', 'handler'] as const;
type OpenTarget = (typeof OPEN_TARGETS)[number];

export const command = defineCommand({
  summary: 'Open the panel, the documentation or a handler',
  description: 'Opens a page in your browser and prints its address.',
  arguments: {
    place: {
      value: 'PLACE',
      description: 'panel, docs or handler. Default: panel.',
      optional: true,
    },
    handler: {
      value: 'NAME',
      description: 'With handler: its name. Default: the one in trisiel.toml.',
      optional: true,
    },
  },
  options: { print: { kind: 'flag', description: 'Prints the address without opening it.' } },
  examples: [
    { line: 'trisiel open', what: 'Open the panel.' },
    { line: 'trisiel open handler brave-otter', what: 'Open the URL of a handler.' },
    { line: 'trisiel open docs --print', what: 'Print the address of the documentation.' },
  ],
  json: 'an object: url.',
  exits: SERVER_EXITS,
  async run(context) {
    const { args, options, out } = context;
    const place = OPEN_TARGETS.find((each) => each === (args.place ?? 'panel'));
    if (place === undefined) {
      throw new UsageError(`PLACE is "${args.place}"; it must be ${OPEN_TARGETS.join(', ')}.`);
    }
    const url = await findAddress(context, place, args.handler);
    if (!options.print) await openInBrowser(url);
    await out.give({ url }, () => text`${url}`);
  },
});

async function findAddress(
  context: Context,
  place: OpenTarget,
  name: string | undefined,
): Promise<string> {
  const { settings } = context;
  if (place === 'panel') return `${await settings.server()}/panel/`;
  if (place === 'docs') {
    const { docsOrigin } = await take((await context.openApi()).GET('/api/server'));
    return `${docsOrigin}/`;
  }
  const handler = await settings.handler(name);
  const api = await context.api();
  return (await take(api.GET('/api/handlers/{handler}', { params: { path: { handler } } }))).url;
}
