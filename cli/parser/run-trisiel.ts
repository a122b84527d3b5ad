/** Runs one command line and returns its exit code. Tests pass their own streams. */
import { CommanderError } from 'commander';
import { loadCommands, readOutline, type CommandTree } from './commands.ts';
import { Interrupted, reportError, UsageError } from '../errors.ts';
import { EXIT_CODES, type ExitName } from '../exit-codes.ts';
import { hasColours, CommandOutput } from '../terminal/output.ts';
import { buildProgram } from './program.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { readVersion } from '../version.ts';

/** Returns the exit code. Never throws. */
export async function runTrisiel(
  argv: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  // Needed before parsing, because parse errors are printed in this format too.
  const isJson = wordsBeforeDashes(argv).includes('--json');
  let exit: ExitName = 'ok';
  let tree: CommandTree | undefined;
  try {
    tree = isGeneralHelp(argv) ? await readOutline() : await loadCommands(firstWord(argv));
    const program = buildProgram(tree, {
      version: await readVersion(),
      write: (words) => void terminal.stdout.write(words),
      writeError: (words) => void terminal.stderr.write(words),
      hasColours: hasColours(terminal.stdout),
      onCall: async (call) => {
        // Modules that only commands need are not loaded for help.
        const { makeContext } = await import('../make-context.ts');
        const context = makeContext(call, terminal, signal);
        exit = (await call.named.spec.run(context, call.given)) ?? 'ok';
        if (signal.aborted) exit = 'interrupted';
      },
    });
    await program.parseAsync(argv.length === 0 ? ['--help'] : [...argv], { from: 'user' });
    return EXIT_CODES[exit].code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT_CODES.ok.code;
    // For a group without a subcommand, help has been shown.
    if (error instanceof CommanderError && error.code === 'commander.help') {
      return EXIT_CODES.usage.code;
    }
    if (signal.aborted || error instanceof Interrupted) {
      // Start a new line after the terminal's ^C.
      if (terminal.stderr.isTTY === true) terminal.stderr.write('\n');
      return EXIT_CODES.interrupted.code;
    }
    const report = reportError(
      error instanceof CommanderError ? toUsageError(error, tree, argv) : error,
    );
    await new CommandOutput(terminal, isJson).fail(report);
    return report.exitCode;
  }
}

/** Whether the command line asks for the general help or the version. */
function isGeneralHelp(argv: readonly string[]): boolean {
  const [first, ...rest] = argv;
  return (
    rest.length === 0 && [undefined, '--help', '-h', 'help', '--version', '-V'].includes(first)
  );
}

/** The word that names the command; undefined if finding it requires parsing. */
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
