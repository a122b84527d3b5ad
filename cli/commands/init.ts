import { basename, relative, resolve } from 'node:path';
import { findLanguage, LANGUAGES } from '../../sdk/languages.ts';
import { defineCommand } from '../parser/command.ts';
import { CommandError, UsageError } from '../errors.ts';
import { isHandlerName, NAME_FORM } from '../handler/handler-name.ts';
import { findInTheWay, projectFiles, suggestName, writeProject } from '../project/scaffold.ts';
import { quoteWord, toOperand } from '../terminal/shell-word.ts';
import { styled, text } from '../terminal/text.ts';

export const command = defineCommand({
  summary: 'Make a new handler',
  description:
    'Writes the sources of a handler that answers HTTP, its trisiel.toml, its policy and a copy of the library of its language. No file is overwritten.',
  arguments: {
    folder: {
      value: 'DIR',
      description: 'Where the files go; made where it is missing. Default: this folder.',
      optional: true,
    },
  },
  options: {
    language: {
      kind: 'text',
      short: 'l',
      value: 'LANGUAGE',
      choices: LANGUAGES.map(({ flag }) => flag),
      description: 'What it is written in. Asked for where a person can be.',
    },
    name: {
      kind: 'text',
      value: 'NAME',
      description: `The name to deploy it under: ${NAME_FORM}. Default: the name of the folder.`,
    },
  },
  examples: [
    {
      line: 'trisiel init hello --language as',
      what: 'A handler in AssemblyScript, in the folder hello.',
    },
    { line: 'trisiel init', what: 'Asks, and writes into this folder.' },
  ],
  json: 'an object: folder, name, language, files.',
  exits: ['ok', 'failure', 'usage', 'interrupted'],
  async run({ args, options, ask, out, terminal }) {
    const folder = resolve(terminal.cwd, args.folder ?? '.');
    const flag = options.language ?? (await chooseLanguage());
    const language = findLanguage(flag);
    if (language === undefined) throw new UsageError(`There is no language ${flag}.`);
    const name = options.name ?? (await chooseName());
    const wrong = checkName(name);
    if (wrong !== undefined) throw new UsageError(wrong);
    const files = await projectFiles(language, name);
    const inTheWay = await findInTheWay(folder, files);
    if (inTheWay.length > 0) {
      throw new CommandError(
        `Nothing was written: ${inTheWay.join(', ')} ${inTheWay.length === 1 ? 'stands' : 'stand'} in the way in ${folder}. Choose another folder: trisiel init DIR`,
      );
    }
    await writeProject(folder, files);
    const paths = [...files.keys()].sort();
    await out.give({ folder, name, language: flag, files: paths }, () => {
      const where = relative(terminal.cwd, folder);
      const steps: (readonly [string, string])[] = [
        ['trisiel dev', 'serves it here, and again after each change'],
        ['trisiel deploy', 'puts it on a server'],
      ];
      if (where !== '') steps.unshift([`cd ${quoteWord(toOperand(where))}`, 'goes there']);
      const width = Math.max(...steps.map(([line]) => line.length));
      return [
        text`${name} is written: ${language.title}, ${String(paths.length)} files. Edit ${language.project.source}. What next:`,
        ...steps.map(([line, what]) => text`  ${styled('bold', line.padEnd(width))}  ${what}`),
      ];
    });

    function chooseLanguage(): Promise<string> {
      return ask.choose(
        'Which language?',
        `Say which language: --language ${LANGUAGES.map((each) => each.flag).join('|')}`,
        LANGUAGES.map(({ flag, title, project }) => ({
          value: flag,
          label: title,
          hint: project.hint,
        })),
      );
    }

    async function chooseName(): Promise<string> {
      const suggested = suggestName(basename(folder));
      // Who names the folder has named the handler.
      const isNamed = args.folder !== undefined && suggested === basename(folder);
      if ((isNamed || !ask.isPossible) && suggested !== '') return suggested;
      const line = await ask.line(
        'What is its name?',
        'Say its name: --name NAME',
        checkName,
        suggested === '' ? 'hello' : suggested,
      );
      return line;
    }
  },
});

function checkName(name: string): string | undefined {
  return isHandlerName(name) ? undefined : `"${name}" is no name for a handler. Use ${NAME_FORM}.`;
}
