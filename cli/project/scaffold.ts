/** Creates a new project without overwriting files. */
import { lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { InstalledCompiler, Language } from '../../sdk/languages.ts';
import { toolsOf } from './build/toolchains.ts';

const TEMPLATES = join(import.meta.dirname, '../templates');
const SDK = join(import.meta.dirname, '../../sdk');

/** By path inside the project, with forward slashes. */
export type ProjectFiles = ReadonlyMap<string, string>;

/** Derives a handler name from a folder name; empty if that is not possible. */
export function suggestName(folder: string): string {
  return folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '');
}

/** Returns all files of a new project in the language. */
export async function projectFiles(language: Language, name: string): Promise<ProjectFiles> {
  const files = new Map<string, string>([
    ['README.md', readme(language, name)],
    ['trisiel.toml', settings(language, name)],
    ['handler.policy', POLICY],
    ['.gitignore', language.project.ignored.map((line) => `${line}\n`).join('')],
  ]);
  await addFolder(files, join(TEMPLATES, language.flag), '', /./);
  const { library } = language.project;
  if (library !== undefined) await addFolder(files, join(SDK, language.id), 'olin', library);
  return files;
}

async function addFolder(
  files: Map<string, string>,
  folder: string,
  to: string,
  wanted: RegExp,
): Promise<void> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of names) {
    if (!entry.isFile() || !wanted.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const inside = path.slice(folder.length + 1).replaceAll('\\', '/');
    files.set(posix.join(to, inside), await readFile(path, 'utf8'));
  }
}

/**
 * Returns the files that already exist in the folder, and links in place of its subfolders, which could point
 * elsewhere.
 */
export async function findInTheWay(folder: string, files: ProjectFiles): Promise<string[]> {
  const folders = new Set(Array.from(files.keys(), (path) => posix.dirname(path)));
  const found = await Promise.all([
    ...Array.from(files.keys(), async (path) => {
      const there = await lstat(join(folder, path)).catch(() => undefined);
      return there === undefined ? [] : [path];
    }),
    ...Array.from(folders, async (path) => {
      const there =
        path === '.' ? undefined : await lstat(join(folder, path)).catch(() => undefined);
      return there?.isSymbolicLink() === true ? [path] : [];
    }),
  ]);
  return found.flat().sort();
}

/** Writes the files. Fails if one of them was created meanwhile. */
export async function writeProject(folder: string, files: ProjectFiles): Promise<void> {
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text, { flag: 'wx' });
  }
}

function settings({ compiler, project }: Language, name: string): string {
  const { module, source } = project;
  const how =
    compiler.kind === 'built-in'
      ? `# No "build" is needed: trisiel compiles ${source} itself.\n`
      : `# The command that \`trisiel build\` runs, and the file that it writes.\nbuild = ${JSON.stringify(shellCommand(compiler))}\n`;
  return [
    '# The settings of this handler. Command-line options override environment variables, which override this file.\n',
    `name = ${JSON.stringify(name)}\n\n`,
    how,
    `module = ${JSON.stringify(module)}\n\n`,
    '# The URLs that the handler may open, and its limits.\n',
    'policy = "handler.policy"\n',
  ].join('');
}

/** The build command with its environment variables, in the syntax of this platform's shell. */
function shellCommand({ command, environment = {} }: InstalledCompiler): string {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  if (process.platform !== 'win32') return [...variables, command].join(' ');
  return [...variables.map((each) => `set "${each}"`), command].join(' && ');
}

/** The handler opens no URL, so none is allowed. */
const POLICY = `## URLs the handler may open, one RE2 expression a line. The list is empty: it may open none.
allow (
)

## Limits of one run: memory in pages of 64 KiB, and gas.
ram-page-limit 128
gas-limit 33554432
`;

function readme(language: Language, name: string): string {
  const { title, project } = language;
  const { source, library } = project;
  const tools = toolsOf(language);
  const needs =
    tools.length === 0
      ? 'Its compiler comes with trisiel, so there is nothing else to install.'
      : `It needs ${tools.map(({ wanted }) => wanted).join(', and ')}. \`trisiel doctor\` reports what is missing.`;
  const copy = library === undefined ? '' : ' Its library is in `olin/`.';
  return `# ${name}

A handler for Trisiel in ${title}. Edit \`${source}\`.${copy}
${needs}

Serve it locally, and rebuild after each change:

\`\`\`sh
trisiel dev
\`\`\`

Build it and run one request with the limits of production; the bill follows the response:

\`\`\`sh
trisiel run --request 'GET /?name=Ada'
\`\`\`

Deploy it. The command prints the URL to call. On a server on your own machine:

\`\`\`sh
trisiel deploy
curl 'http://127.0.0.1:4001/run/${name}/?name=Ada'
\`\`\`
`;
}
