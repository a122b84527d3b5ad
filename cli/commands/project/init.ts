import { basename, relative, resolve } from 'node:path';
import { findLanguage, LANGUAGES } from '../../../sdk/languages.ts';
import { defineCommand } from '../../parser/command.ts';
import { CommandError, UsageError } from '../../errors.ts';
import { isHandlerName, NAME_FORM } from '../../handler/handler-name.ts';
import { findInTheWay, projectFiles, suggestName, writeProject } from '../../project/scaffold.ts';
import { quoteWord, toOperand } from '../../terminal/shell-word.ts';
import { styled, text } from '../../terminal/text.ts';

const DEFAULT_LANGUAGE = 'ts';

export const command = defineCommand({
  summary: 'Create a new project',
  description:
    'Creates the sources of an HTTP handler, trisiel.toml, a policy and a copy of the language’s library. Existing files are never overwritten.',
  arguments: {
    folder: {
      value: 'DIR',
      description:
        'The folder of the project, created if it does not exist. Default: the current folder.',
      optional: true,
    },
  },
  options: {
    language: {
      kind: 'text',
      short: 'l',
      value: 'LANGUAGE',
      choices: LANGUAGES.map(({ flag }) => flag),
      description: 'The language. If omitted: prompts for it on a terminal; elsewhere, ts.',
    },
    name: {
      kind: 'text',
      value: 'NAME',
      description: `The name of the handler: ${NAME_FORM}. Default: the name of the folder.`,
    },
  },
  examples: [
    {
      line: 'trisiel init hello --language ts',
      what: 'Create a TypeScript project in the folder hello.',
    },
    { line: 'trisiel init', what: 'Prompt for everything and create the project in this folder.' },
  ],
  json: 'an object: folder, name, language, files.',
  exits: ['ok', 'failure', 'usage', 'interrupted'],
  async run({ args, options, ask, out, terminal }) {
    const folder = resolve(terminal.cwd, args.folder ?? '.');
    const flag = options.language ?? (ask.isPossible ? await chooseLanguage() : DEFAULT_LANGUAGE);
    const language = findLanguage(flag);
    if (language === undefined) throw new UsageError(`There is no language ${flag}.`);
    const name = options.name ?? (await chooseName());
    const wrong = checkName(name);
    if (wrong !== undefined) throw new UsageError(wrong);
    const files = await projectFiles(language, name);
    const inTheWay = await findInTheWay(folder, files);
    if (inTheWay.length > 0) {
      throw new CommandError(
        `Nothing was written: ${inTheWay.join(', ')} already ${inTheWay.length === 1 ? 'exists' : 'exist'} in ${folder}. Choose another folder: trisiel init DIR`,
      );
    }
    await writeProject(folder, files);
    const paths = [...files.keys()].sort();
    await out.give({ folder, name, language: flag, files: paths }, () => {
      const where = relative(terminal.cwd, folder);
      const steps: (readonly [string, string])[] = [
        ['trisiel dev', 'serves it locally and rebuilds on changes'],
        ['trisiel deploy', 'deploys it to a server'],
      ];
      if (where !== '') steps.unshift([`cd ${quoteWord(toOperand(where))}`, 'enters the folder']);
      const width = Math.max(...steps.map(([line]) => line.length));
      return [
        text`Created ${name}: ${language.title}, ${String(paths.length)} files. Edit ${language.project.source}, then:`,
        ...steps.map(([line, what]) => text`  ${styled('bold', line.padEnd(width))}  ${what}`),
      ];
    });

    function chooseLanguage(): Promise<string> {
      return ask.choose(
        'Which language?',
        `Pass --language ${LANGUAGES.map((each) => each.flag).join('|')}`,
        LANGUAGES.map(({ flag, title, project }) => ({
          value: flag,
          label: title,
          hint: project.hint,
        })),
      );
    }

    async function chooseName(): Promise<string> {
      const suggested = suggestName(basename(folder));
      // The folder was named on purpose, so its name is also the handler's.
      const isNamed = args.folder !== undefined && suggested === basename(folder);
      if ((isNamed || !ask.isPossible) && suggested !== '') return suggested;
      const line = await ask.line(
        'Name of the handler?',
        'Pass --name NAME',
        checkName,
        suggested === '' ? 'hello' : suggested,
      );
      return line;
    }
  },
});

function checkName(name: string): string | undefined {
  return isHandlerName(name)
    ? undefined
    : `"${name}" is not a valid handler name. Use ${NAME_FORM}.`;
}
