/** Finds the installed compilers and explains how to install missing ones. */
import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { promisify } from 'node:util';
import { LANGUAGES, type Language, type Tool } from '../languages.ts';

const runFile = promisify(execFile);

export interface FoundTool {
  readonly tool: Tool;
  /** The first line of what it says of itself; undefined where it is not there. */
  readonly version: string | undefined;
}

/** Asks each tool of a language for its version, the tools at once. */
export function findTools(language: Language): Promise<FoundTool[]> {
  return Promise.all(
    language.tools.map(async (tool) => ({ tool, version: await readVersion(tool) })),
  );
}

async function readVersion({ command, versionArgs }: Tool): Promise<string | undefined> {
  try {
    const { stdout } = await runFile(command, versionArgs, { timeout: 20_000 });
    const line = stdout.trim().split(/\r?\n/)[0] ?? '';
    // A compiler that names the folder of a target's library may not have that folder.
    if (versionArgs.some((arg) => arg.startsWith('--print='))) await access(line);
    return line;
  } catch {
    return undefined;
  }
}

/** How to install the tool: a command, or where to get it. */
export function sayInstall({ install }: Tool): string {
  const { platform } = process;
  const known = platform === 'darwin' || platform === 'linux' || platform === 'win32';
  return install[known ? platform : 'other'];
}

/**
 * What to install so that a build command that failed goes through; undefined where the compilers it names are here, and
 * what failed is the source.
 */
export async function adviseOnTools(command: string): Promise<string | undefined> {
  const words = new Set(command.split(/[\s;&|()]+/));
  const language = LANGUAGES.find(({ tools }) => tools.some((tool) => words.has(tool.command)));
  if (language === undefined) return undefined;
  const missing = (await findTools(language)).filter(({ version }) => version === undefined);
  return missing.length === 0
    ? undefined
    : missing
        .map(({ tool }) => `You need ${tool.wanted}. To install it: ${sayInstall(tool)}`)
        .join('\n');
}
