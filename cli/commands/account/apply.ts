import { take } from '../../../client/api.ts';
import { defineCommand } from '../../parser/command.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';
import { formatRelativeTime } from '../../terminal/quantities.ts';
import { text } from '../../terminal/text.ts';

/** The minimum that the API accepts. */
const MIN_CHARACTERS = 10;

export const command = defineCommand({
  summary: 'Apply for the free tier',
  description:
    'Applies for the free tier, which can deploy handlers. An administrator decides. --status shows the decision.',
  arguments: {
    purpose: {
      value: 'PURPOSE',
      description: 'What you want to deploy, in a sentence or two. Prompts for it if omitted.',
      optional: true,
    },
  },
  options: {
    status: { kind: 'flag', description: 'Shows your applications instead of sending one.' },
  },
  examples: [
    { line: 'trisiel apply "A bot that greets new members of our chat."', what: 'Apply.' },
    { line: 'trisiel apply --status', what: 'Show the status of your applications.' },
  ],
  json: 'the application: id, status, purpose, answer, createdAt, decidedAt, userId, username. With --status: an array of them.',
  exits: SERVER_EXITS,
  async run({ api: connect, args, options, ask, out }) {
    const api = await connect();
    if (options.status) {
      const { items } = await take(api.GET('/api/applications'));
      await out.give(items, () => {
        if (items.length === 0) return text`You have no applications. Apply with: trisiel apply`;
        return out.table(
          [{ title: 'SENT' }, { title: 'STATUS' }, { title: 'ANSWER' }, { title: 'PURPOSE' }],
          items.map((each) => [
            formatRelativeTime(each.createdAt),
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
      (await ask.line('What do you want to deploy?', 'Give PURPOSE as an argument', (line) =>
        line.trim().length < MIN_CHARACTERS
          ? `Write at least ${MIN_CHARACTERS} characters.`
          : undefined,
      ));
    const application = await take(api.POST('/api/applications', { body: { purpose } }));
    await out.give(application, () => [
      text`Application sent. An administrator will review it.`,
      text`Check its status: trisiel apply --status`,
    ]);
  },
});
