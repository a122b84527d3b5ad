import { take } from '../../../../client/api.ts';
import { defineCommand } from '../../../parser/command.ts';
import { isKey, splitHandler } from '../../../handler/config-words.ts';
import type { Context } from '../../../context.ts';
import { UsageError } from '../../../errors.ts';
import { SERVER_EXITS } from '../../../exit-codes.ts';
import { readEnvFile } from '../../../handler/env-file.ts';
import { text } from '../../../terminal/text.ts';

export const command = defineCommand({
  summary: 'Set configuration values',
  description:
    'Sets environment variables of the handler, from its next run on. Other keys are not changed. The server encrypts values and never returns them. Other users of this machine can see values on the command line, and the shell keeps them in its history: for a secret, give only the key, and you are prompted for the value.',
  arguments: {
    words: {
      value: 'WORD',
      description:
        'The handler, unless trisiel.toml names it. Then KEY=VALUE, KEY to be prompted for the value, or - to read KEY=VALUE lines from standard input.',
      optional: true,
      repeats: true,
    },
  },
  options: {
    'env-file': {
      kind: 'list',
      value: 'FILE',
      description: 'Sets the keys in a .env file. Can be repeated.',
    },
  },
  examples: [
    { line: 'trisiel config set brave-otter GREETING=Hello', what: 'Set one key.' },
    {
      line: 'trisiel config set brave-otter API_KEY',
      what: 'Prompt for the value without showing it.',
    },
    { line: 'trisiel config set brave-otter --env-file .env', what: 'Set all keys in a file.' },
    {
      line: 'pass show api | trisiel config set brave-otter -',
      what: 'Read KEY=VALUE lines from another program.',
    },
  ],
  json: 'an object: handler, set (an array of keys). No values.',
  exits: SERVER_EXITS,
  async run(context) {
    const { api: connect, args, options, settings, out } = context;
    const files = options['env-file'];
    const { name, rest } = splitHandler(args.words, files.length > 0 ? 0 : 1);
    const handler = await settings.handler(name);
    const set = new Map<string, string>();
    for (const file of files) await addLines(context, set, file);
    for (const word of rest) await addWord(context, set, word);
    if (set.size === 0) throw new UsageError('No key is given. Write KEY=VALUE after the handler.');
    const api = await connect();
    await take(
      api.PATCH('/api/handlers/{handler}/config', {
        params: { path: { handler } },
        body: { set: Object.fromEntries(set) },
      }),
    );
    const keys = [...set.keys()];
    await out.give({ handler, set: keys }, () => [
      text`Set ${keys.join(', ')} of ${handler}. The handler sees ${keys.length === 1 ? 'it' : 'them'} from its next run on.`,
    ]);
  },
});

async function addWord(context: Context, set: Map<string, string>, word: string): Promise<void> {
  if (word === '-') return addLines(context, set, '-');
  const at = word.indexOf('=');
  const key = at === -1 ? word : word.slice(0, at);
  if (!isKey(key)) {
    // The argument may be a secret pasted in the wrong place.
    throw new UsageError(
      'An argument is neither KEY=VALUE nor a key. Keys consist of letters, digits and underscores.',
    );
  }
  const value =
    at === -1
      ? await context.ask.secret(
          `Value of ${key}`,
          `Write ${key}=VALUE, or pipe the line in and pass -`,
        )
      : word.slice(at + 1);
  set.set(key, value);
}

async function addLines(
  { terminal }: Context,
  set: Map<string, string>,
  path: string,
): Promise<void> {
  const values = await readEnvFile(terminal, path);
  if (values.size === 0) {
    throw new UsageError(`${path === '-' ? 'Standard input' : path} contains no KEY=VALUE line.`);
  }
  for (const [key, value] of values) set.set(key, value);
}
