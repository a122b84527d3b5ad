import { take } from '../../client/api.ts';
import { defineCommand } from '../parser/command.ts';
import { SERVER_EXITS } from '../exit-codes.ts';
import { sayWhen } from '../terminal/quantities.ts';
import { text } from '../terminal/text.ts';

/** What the API takes. */
const LEAST_CHARACTERS = 10;

export const command = defineCommand({
  summary: 'Apply for the free tier',
  description:
    'Applies for the free tier, which may deploy. An administrator decides. --status shows what became of it.',
  arguments: {
    purpose: {
      value: 'PURPOSE',
      description: 'What you want to deploy, in a sentence or two. Default: you are asked.',
      optional: true,
    },
  },
  options: { status: { kind: 'flag', description: 'Shows your applications, and sends none.' } },
  examples: [
    { line: 'trisiel apply "A bot that greets new members of our chat."', what: 'Applies.' },
    { line: 'trisiel apply --status', what: 'Has anybody decided?' },
  ],
  json: 'the application: id, status, purpose, answer, createdAt, decidedAt, userId, username. With --status: an array of them.',
  exits: SERVER_EXITS,
  async run({ api: connect, args, options, ask, out }) {
    const api = await connect();
    if (options.status) {
      const { items } = await take(api.GET('/api/applications'));
      await out.give(items, () => {
        if (items.length === 0) return text`You have not applied yet: trisiel apply`;
        return out.table(
          [{ title: 'SENT' }, { title: 'STATUS' }, { title: 'ANSWER' }, { title: 'PURPOSE' }],
          items.map((each) => [
            sayWhen(each.createdAt),
            each.status,
            each.answer ?? '',
            each.purpose,
          ]),
        );
      });
      return;
    }
    const purpose =
      args.purpose ??
      (await ask.line('What do you want to deploy?', 'Say it on the command line', (line) =>
        line.trim().length < LEAST_CHARACTERS
          ? `Say a little more: ${LEAST_CHARACTERS} characters at least.`
          : undefined,
      ));
    const application = await take(api.POST('/api/applications', { body: { purpose } }));
    await out.give(application, () => [
      text`Sent. An administrator decides on it.`,
      text`See what became of it: trisiel apply --status`,
    ]);
  },
});
