/** Finds the installed compilers and explains how to install missing ones. */
import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { promisify } from 'node:util';
import { LANGUAGES, type Language } from '../../../sdk/languages.ts';
import type { Tool } from '../../../sdk/tools.ts';

const runFile = promisify(execFile);

export interface FoundTool {
  readonly tool: Tool;
  /** The first line that it prints; undefined if it is not installed. */
  readonly version: string | undefined;
}

/** The programs that authors need to build this language; none for a built-in compiler. */
export function toolsOf({ compiler }: Language): readonly Tool[] {
  return compiler.kind === 'installed' ? compiler.tools : [];
}

/** Reads the versions of a language's tools, all at once. */
export function findTools(language: Language): Promise<FoundTool[]> {
  return Promise.all(
    toolsOf(language).map(async (tool) => ({ tool, version: await readVersion(tool) })),
  );
}

async function readVersion({ command, versionArgs }: Tool): Promise<string | undefined> {
  try {
    const { stdout } = await runFile(command, versionArgs, { timeout: 20_000 });
    const line = stdout.trim().split(/\r?\n/)[0] ?? '';
    // rustc prints the folder of a target's library even if the folder does not exist.
    if (versionArgs.some((arg) => arg.startsWith('--print='))) await access(line);
    return line;
  } catch {
    return undefined;
  }
}

/** How to install the tool on this platform: a command or an address. */
export function describeInstall({ install }: Tool): string {
  const { platform } = process;
  const known = platform === 'darwin' || platform === 'linux' || platform === 'win32';
  return install[known ? platform : 'other'];
}

/**
 * Says what to install after a build command failed. Undefined if all compilers that it names are installed, in which
 * case the source is at fault.
 */
export async function adviseOnTools(command: string): Promise<string | undefined> {
  const words = new Set(command.split(/[\s;&|()]+/));
  const language = LANGUAGES.find((each) => toolsOf(each).some((tool) => words.has(tool.command)));
  if (language === undefined) return undefined;
  const missing = (await findTools(language)).filter(({ version }) => version === undefined);
  return missing.length === 0
    ? undefined
    : missing
        .map(({ tool }) => `You need ${tool.wanted}. To install it: ${describeInstall(tool)}`)
        .join('\n');
}
