import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { CommandError, UsageError } from '../errors.ts';
import { buildOrFail, isFolder, openProject, type OpenedProject } from '../project/open-project.ts';
import { chooseSettings, RUN_OPTIONS } from '../project/run-options.ts';

export const command = defineCommand({
  summary: 'Run a module here, as the server would',
  description:
    'Runs a module on the runtime of the server, with its limits, its policy and its environment, and ends with the bill. A folder is built first; without MODULE that is the project of this folder. Without --request the module runs as a program: standard input, output and error are the terminal’s. Unlike on the server, it may open addresses of this machine and its network.',
  arguments: {
    module: {
      value: 'MODULE',
      description: 'A .wasm file, or the folder of a project. Default: the project of this folder.',
      optional: true,
    },
    words: {
      value: 'ARGUMENT',
      description: 'Arguments of the program. Those that begin with a dash go after --.',
      optional: true,
      repeats: true,
    },
  },
  options: {
    request: {
      kind: 'text',
      short: 'r',
      value: 'REQUEST',
      description: "Runs it as a handler, for one request: 'GET /path?query', or a path alone.",
    },
    header: {
      kind: 'list',
      short: 'H',
      value: 'HEADER',
      description: "With --request: adds a header, 'Name: value'.",
    },
    data: {
      kind: 'text',
      short: 'd',
      value: 'BODY',
      description:
        'With --request: the body; @FILE reads it from a file. Without it, standard input is.',
    },
    ...RUN_OPTIONS,
    trace: {
      kind: 'flag',
      description: 'Tells each system call with its arguments, its result and its time.',
    },
    profile: {
      kind: 'flag',
      description: 'Ends with the gas of each function, the most first.',
    },
  },
  examples: [
    {
      line: "trisiel run --request 'GET /?name=Ada'",
      what: 'Builds the project of this folder, asks it once, prints the response and the bill.',
    },
    {
      line: 'trisiel run main.wasm --trace',
      what: 'Runs a program, its system calls on standard error.',
    },
  ],
  json: 'an object: ok, exit, trap, status and headers (with --request), output and errorOutput (outputBase64 where it is no text), log, trace, bill.',
  exits: ['ok', 'failure', 'usage', 'guest', 'interrupted'],
  async run(context) {
    const { args, options, terminal } = context;
    const { request, header, data } = options;
    if (request === undefined && (header.length > 0 || data !== undefined)) {
      throw new UsageError("--header and --data go with --request: say --request 'POST /'.");
    }
    const loaded = await load(context, args.module);
    const settings = await chooseSettings(options, loaded.opened, terminal);
    const { runModule } = await import('../project/run-module.ts');
    return runModule(context, {
      ...settings,
      bytes: loaded.bytes,
      args: [loaded.name, ...args.words],
      request,
      headers: header,
      body: await readBody(terminal.cwd, data),
      trace: options.trace,
      profile: options.profile,
    });
  },
});

interface Loaded {
  readonly bytes: Uint8Array;
  /** What the guest is told that it is called. */
  readonly name: string;
  readonly opened: OpenedProject;
}

async function load(context: Context, given: string | undefined): Promise<Loaded> {
  const { cwd } = context.terminal;
  if (given === undefined || (await isFolder(cwd, given))) {
    const opened = await openProject(resolve(cwd, given ?? '.'));
    const { bytes, path } = await buildOrFail(context, opened);
    return { bytes, name: basename(path), opened };
  }
  const path = resolve(cwd, given);
  const bytes = await readFile(path).catch(() => {
    throw new UsageError(`${given} cannot be read. Name a .wasm file or the folder of a project.`);
  });
  return { bytes, name: basename(path), opened: await openProject(dirname(path)) };
}

async function readBody(cwd: string, data: string | undefined): Promise<string | undefined> {
  if (data?.startsWith('@') !== true) return data;
  const path = resolve(cwd, data.slice(1));
  return readFile(path, 'utf8').catch(() => {
    throw new CommandError(`${path} cannot be read. --data @FILE takes the body from a file.`);
  });
}
