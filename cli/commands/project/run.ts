import { basename, dirname, resolve } from 'node:path';
import { defineCommand } from '../../parser/command.ts';
import type { Context } from '../../context.ts';
import { UsageError } from '../../errors.ts';
import { GUEST_OPTIONS } from '../../olin/guest-options.ts';
import { readInput } from '../../terminal/input.ts';
import {
  buildOrFail,
  isFolder,
  openProject,
  type OpenedProject,
} from '../../project/file/open-project.ts';
import { chooseSettings, RUN_OPTIONS } from '../../project/run-options.ts';
import type { Terminal } from '../../terminal/terminal.ts';

export const command = defineCommand({
  summary: 'Run a module locally with the limits of a server',
  description:
    'Runs a module with the limits, policy and configuration that it has on a server, and prints the bill at the end. A project is built first. With --request the module handles one HTTP request; without it, it runs as a program with the standard input, output and error of the terminal. Unlike on a server, the module may open addresses of this machine and its network.',
  arguments: {
    module: {
      value: 'MODULE',
      description:
        'A .wasm file, or the folder of a project. Default: the project in the current folder.',
      optional: true,
    },
    words: {
      value: 'ARGUMENT',
      description: 'Arguments of the program. Put arguments that begin with a dash after --.',
      optional: true,
      repeats: true,
    },
  },
  options: {
    request: GUEST_OPTIONS.request,
    header: GUEST_OPTIONS.header,
    data: {
      kind: 'text',
      short: 'd',
      value: 'BODY',
      description:
        'The body of the request: text, @FILE, or - for standard input. Default: POST reads standard input.',
    },
    ...RUN_OPTIONS,
    dir: GUEST_OPTIONS.dir,
    entry: {
      ...GUEST_OPTIONS.entry,
      description: `${GUEST_OPTIONS.entry.description} Default: \`entry\` in trisiel.toml.`,
    },
    raw: GUEST_OPTIONS.raw,
    trace: GUEST_OPTIONS.trace,
    profile: GUEST_OPTIONS.profile,
  },
  examples: [
    {
      line: "trisiel run --request 'GET /?name=Ada'",
      what: 'Build the project in this folder and send it one request.',
    },
    {
      line: 'trisiel run main.wasm --trace',
      what: 'Run a program and print its system calls to standard error.',
    },
  ],
  json: 'an object: ok, exit, trap, status and headers (with --request), output and errorOutput (outputBase64 if it is not UTF-8), log, trace, bill.',
  exits: ['ok', 'failure', 'usage', 'guest', 'interrupted'],
  async run(context) {
    const { args, options, terminal } = context;
    const { request, header, data } = options;
    if (request === undefined && (header.length > 0 || data !== undefined)) {
      throw new UsageError("--header and --data require --request: add --request 'POST /'.");
    }
    const loaded = await load(context, args.module, options.entry);
    const settings = await chooseSettings(options, loaded.opened, context);
    const { runModule } = await import('../../project/run-module.ts');
    return runModule(context, {
      ...settings,
      bytes: loaded.bytes,
      args: [loaded.name, ...args.words],
      request,
      headers: header,
      body: await readBody(terminal, data),
      trace: options.trace,
      profile: options.profile,
      raw: options.raw,
      folders: options.dir,
    });
  },
});

interface Loaded {
  readonly bytes: Uint8Array;
  /** The program name passed to the guest. */
  readonly name: string;
  readonly opened: OpenedProject;
}

async function load(
  context: Context,
  given: string | undefined,
  entry: string | undefined,
): Promise<Loaded> {
  const { cwd } = context.terminal;
  if (given === undefined || (await isFolder(cwd, given))) {
    const opened = await openProject(resolve(cwd, given ?? '.'));
    const { bytes, path } = await buildOrFail(context, { ...opened, entry: entry ?? opened.entry });
    return { bytes, name: basename(path), opened };
  }
  const path = resolve(cwd, given);
  const bytes = await startingAt(await readInput(context.terminal, given), entry);
  return { bytes, name: basename(path), opened: await openProject(dirname(path)) };
}

async function startingAt(
  bytes: Uint8Array<ArrayBuffer>,
  entry: string | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  if (entry === undefined) return bytes;
  const { InputError, startAt } = await import('../../../olin/index.ts');
  try {
    return startAt(bytes, entry);
  } catch (error) {
    throw error instanceof InputError ? new UsageError(error.message) : error;
  }
}

async function readBody(
  terminal: Terminal,
  data: string | undefined,
): Promise<string | Uint8Array<ArrayBuffer> | undefined> {
  if (data === '-') return readInput(terminal, data);
  return data?.startsWith('@') === true ? readInput(terminal, data.slice(1)) : data;
}
