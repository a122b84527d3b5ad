/** Creates a new project without overwriting files. */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { Language } from './languages.ts';

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
    ['.gitignore', language.ignored.map((line) => `${line}\n`).join('')],
  ]);
  await addFolder(files, join(TEMPLATES, language.id), '', /./);
  const { library } = language;
  if (library !== undefined) {
    await addFolder(files, join(SDK, library.folder), 'olin', library.files);
  }
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

/** Returns those of the files that already exist in the folder. */
export async function findInTheWay(folder: string, files: ProjectFiles): Promise<string[]> {
  const found = await Promise.all(
    Array.from(files.keys(), async (path) => {
      const there = await stat(join(folder, path)).catch(() => undefined);
      return there === undefined ? [] : [path];
    }),
  );
  return found.flat().sort();
}

/** Writes the files. Fails if one of them was created meanwhile. */
export async function writeProject(folder: string, files: ProjectFiles): Promise<void> {
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text, { flag: 'wx' });
  }
}

function settings({ build, module, source }: Language, name: string): string {
  const how =
    build === undefined
      ? `# There is no "build" here: trisiel compiles ${source} itself.\n`
      : `# What \`trisiel build\` runs, and the file that comes of it.\nbuild = ${JSON.stringify(build)}\n`;
  return [
    '# The settings of this handler. Options of the command win over the environment, the environment over this file.\n',
    `name = ${JSON.stringify(name)}\n\n`,
    how,
    `module = ${JSON.stringify(module)}\n\n`,
    '# What the handler may open and use.\n',
    'policy = "handler.policy"\n',
  ].join('');
}

/** The handler opens no URL, so none is allowed. */
const POLICY = `## What URLs the handler may open: one RE2 expression a line. The list is empty, so it may open none.
allow (
)

## 64 KiB pages of memory, and instructions, of one run.
ram-page-limit 128
gas-limit 33554432
`;

function readme({ title, source, tools, library }: Language, name: string): string {
  const needs =
    tools.length === 0
      ? 'Its compiler comes with trisiel: there is nothing else to install.'
      : `It needs ${tools.map(({ wanted }) => wanted).join(', and ')}. \`trisiel doctor\` says what is missing.`;
  const copy = library === undefined ? '' : ' The folder olin/ is its library.';
  return `# ${name}

A handler for Trisiel in ${title}. Edit \`${source}\`.${copy}
${needs}

Serve it here, and again after each change:

\`\`\`sh
trisiel dev
\`\`\`

Build it and run one request with the limits of production, down to the bill:

\`\`\`sh
trisiel run --request 'GET /?name=Ada'
\`\`\`

Deploy it. The command ends with the line that calls it; of a server on your own machine that is:

\`\`\`sh
trisiel deploy
curl 'http://127.0.0.1:4001/run/${name}/?name=Ada'
\`\`\`
`;
}
