/** One command line, from words to exit code. Tests call it with streams of their own. */
import { readFile } from 'node:fs/promises';
import { CommanderError } from 'commander';
import type { Api, ApiOptions } from '../client/api.ts';
import { Ask } from './ask.ts';
import { loadCommands, readOutline, type CommandTree } from './commands.ts';
import type { Context } from './context.ts';
import { Interrupted, reportError, UsageError } from './errors.ts';
import { EXIT_CODES, type ExitName } from './exit-codes.ts';
import { hasColours, Output } from './output.ts';
import { buildProgram, type Call } from './program.ts';
import { Progress } from './progress.ts';
import { isPrivateWay, notSignedIn, Settings } from './settings.ts';
import type { Terminal } from './terminal.ts';
import { text } from './text.ts';

/** Gives the exit code. Throws nothing. */
export async function runTrisiel(
  argv: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  // Known before the line is parsed, since errors of parsing are told in it too.
  const isJson = wordsBeforeDashes(argv).includes('--json');
  let exit: ExitName = 'ok';
  let tree: CommandTree | undefined;
  try {
    tree = asksForAll(argv) ? await readOutline() : await loadCommands(firstWord(argv));
    const program = buildProgram(tree, {
      version: await readVersion(),
      write: (words) => void terminal.stdout.write(words),
      writeError: (words) => void terminal.stderr.write(words),
      hasColours: hasColours(terminal.stdout),
      onCall: async (call) => {
        const context = makeContext(call, terminal, signal);
        exit = (await call.named.spec.run(context, call.given)) ?? 'ok';
        if (signal.aborted) exit = 'interrupted';
      },
    });
    await program.parseAsync(argv.length === 0 ? ['--help'] : [...argv], { from: 'user' });
    return EXIT_CODES[exit].code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT_CODES.ok.code;
    // A group without a word after it: its help has been shown.
    if (error instanceof CommanderError && error.code === 'commander.help') {
      return EXIT_CODES.usage.code;
    }
    if (signal.aborted || error instanceof Interrupted) {
      // A line of its own below the ^C of the terminal.
      if (terminal.stderr.isTTY === true) terminal.stderr.write('\n');
      return EXIT_CODES.interrupted.code;
    }
    const report = reportError(
      error instanceof CommanderError ? toUsageError(error, tree, argv) : error,
    );
    await new Output(terminal, isJson).fail(report);
    return report.exitCode;
  }
}

function makeContext({ isJson, server }: Call, terminal: Terminal, signal: AbortSignal): Context {
  const { env, cwd } = terminal;
  const settings = new Settings({ env, cwd, server });
  const out = new Output(terminal, isJson);
  let warned = false;
  const options = async (): Promise<ApiOptions> => ({
    origin: await settings.server(),
    userAgent: `trisiel/${await readVersion()}`,
    fetch: (request) => fetch(request, { signal: AbortSignal.any([signal, request.signal]) }),
  });
  const apiOptions = async () => {
    const origin = await settings.server();
    const held = await settings.token();
    if (held === undefined) throw notSignedIn(origin);
    if (!warned) {
      warned = true;
      await warnOfLeaks(settings, out, origin, held.from);
    }
    return { ...(await options()), token: held.token };
  };
  const connect = async (made: ApiOptions): Promise<Api> => {
    const { createApi } = await import('../client/api.ts');
    return createApi(made);
  };
  return {
    settings,
    out,
    ask: new Ask(terminal, isJson),
    progress: new Progress(terminal, isJson),
    terminal,
    signal,
    apiOptions,
    apiOptionsFor: async (token) => ({ ...(await options()), token }),
    api: async () => connect(await apiOptions()),
    openApi: async () => connect(await options()),
  };
}

async function warnOfLeaks(
  settings: Settings,
  out: Output,
  origin: string,
  from: 'environment' | 'saved',
): Promise<void> {
  if (!isPrivateWay(origin)) {
    await out.warn(
      text`your token goes to ${origin} unencrypted, for all on the way to read. Use https.`,
    );
  }
  if (from === 'saved' && (await settings.credentials.isOpenToOthers())) {
    const { path } = settings.credentials;
    await out.warn(text`others on this machine can read ${path}. Run: chmod 600 ${path}`);
  }
}

let version: Promise<string> | undefined;

async function readVersion(): Promise<string> {
  version ??= readFile(new URL('../package.json', import.meta.url), 'utf8').then((text) => {
    const parsed: { readonly version?: string } = JSON.parse(text);
    return parsed.version ?? '';
  });
  return version;
}

/** For what the whole can do, and not for one command. */
function asksForAll(argv: readonly string[]): boolean {
  const [first, ...rest] = argv;
  return (
    rest.length === 0 && [undefined, '--help', '-h', 'help', '--version', '-V'].includes(first)
  );
}

/** The word that names the command; undefined where it is not clear without parsing. */
function firstWord(argv: readonly string[]): string | undefined {
  const [first] = argv.filter((each) => each !== '--json');
  return first === undefined || first.startsWith('-') ? undefined : first;
}

function wordsBeforeDashes(argv: readonly string[]): readonly string[] {
  const at = argv.indexOf('--');
  return at === -1 ? argv : argv.slice(0, at);
}

function toUsageError(
  { message }: CommanderError,
  tree: CommandTree | undefined,
  argv: readonly string[],
): UsageError {
  const named = tree?.commands.find(({ words }) => words.every((word, at) => word === argv[at]));
  const help = ['trisiel', ...(named?.words ?? []), '--help'].join(' ');
  const sentence = message.replace(/^error: /, '').replace(/\n/g, ' ');
  return new UsageError(
    `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}${/[.?!)]$/.test(sentence) ? '' : '.'} See: ${help}`,
  );
}
