import { take } from '../../../client/api.ts';
import { defineCommand } from '../../parser/command.ts';
import { loadCommands } from '../../parser/commands.ts';
import { findCandidates } from '../../completion/candidates.ts';
import { SCRIPTS, SHELLS, type CompletionShell } from '../../completion/scripts.ts';
import type { Context } from '../../context.ts';
import { UsageError } from '../../errors.ts';
import { lines, Text, text } from '../../terminal/text.ts';

/** Short, because the user is waiting after pressing Tab. */
const PATIENCE_MS = 1000;
const MAX_HANDLERS = 100;
const CANDIDATES = 'candidates';

export const command = defineCommand({
  summary: 'Generate a shell completion script',
  description:
    'Prints a script that completes commands, options and, if you are signed in, the names of your handlers. The script calls trisiel completion candidates, which prints the completions of the words after --.',
  arguments: {
    shell: {
      value: 'SHELL',
      description: 'The shell to generate the script for.',
      choices: [...SHELLS, CANDIDATES],
    },
    words: {
      value: 'WORD',
      description: `With ${CANDIDATES}: the words of the command line, the last one possibly incomplete.`,
      optional: true,
      repeats: true,
    },
  },
  options: {},
  examples: [
    { line: 'source <(trisiel completion bash)', what: 'In ~/.bashrc.' },
    { line: 'source <(trisiel completion zsh)', what: 'In ~/.zshrc.' },
    { line: 'trisiel completion fish | source', what: 'In ~/.config/fish/config.fish.' },
  ],
  json: 'an object: shell, script; or the candidates, an array of value and description.',
  exits: ['ok', 'failure', 'usage'],
  async run(context) {
    const { args, out } = context;
    if (args.shell === CANDIDATES) {
      const candidates = await findCandidates(args.words, {
        tree: await loadCommands(),
        handlers: () => listHandlers(context),
      });
      await out.give(candidates, () =>
        candidates.length === 0
          ? []
          : [lines(candidates.map((each) => text`${each.value}\t${each.description}`))],
      );
      return;
    }
    if (!isShell(args.shell)) {
      throw new UsageError(`There is no completion for ${args.shell}. Use ${SHELLS.join(', ')}.`);
    }
    const script = SCRIPTS[args.shell];
    await out.give({ shell: args.shell, script }, () => new Text(script.trimEnd()));
  },
});

function isShell(shell: string): shell is CompletionShell {
  return SHELLS.some((each) => each === shell);
}

/** Returns no names if the user is not signed in or the server is slow. */
async function listHandlers({ api, settings }: Context): Promise<string[]> {
  try {
    if ((await settings.token()) === undefined) return [];
    const found = await take(
      (await api()).GET('/api/handlers', {
        params: { query: { limit: MAX_HANDLERS } },
        signal: AbortSignal.timeout(PATIENCE_MS),
      }),
    );
    return found.items.map(({ name }) => name);
  } catch {
    return [];
  }
}
