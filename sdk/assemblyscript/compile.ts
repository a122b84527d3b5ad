/**
 * Compiles AssemblyScript, in Node and in a page, with the same bytes in both. The compiler is large (2.9 MB compressed),
 * so load this file when it is first needed.
 */
import { main } from 'assemblyscript/asc';
import type { Compilation, Diagnostic } from '../diagnostic.ts';

/** The extension that the compiler requires. Sources of the project have `.as`, so that no TypeScript tool reads them. */
const EXTENSION = '.ts';
const MAIN = `main${EXTENSION}`;
/** The import name of the library: `import { stdout } from 'olin'`. */
const PACKAGE = 'olin';
const GLOBALS = `${PACKAGE}/globals${EXTENSION}`;

/** Top-level code runs as `_start`, names are kept for backtraces, and only system calls are imported. */
const OPTIONS: readonly string[] = [
  '--outFile=main.wasm',
  '--exportStart=_start',
  '--runtime=stub',
  '--optimizeLevel=2',
  '--shrinkLevel=1',
  '--debug',
  '--noColors',
  '--lib=.',
  ...['abort', 'seed', 'trace', 'console'].map(
    (name) => `--use=${name}=~lib/${PACKAGE}/globals/${name}`,
  ),
];

/**
 * Compiles one source.
 * @param library text of the files `sdk/assemblyscript/*.as` by name; a name may have folders, such as
 *   `/sdk/assemblyscript/index.as`
 * @param siblings text of files in the source's folder by name: `words.as` is imported as `./words`
 */
export async function compile(
  source: string,
  library: Readonly<Record<string, string>>,
  siblings: Readonly<Record<string, string>> = {},
): Promise<Compilation> {
  const files = new Map([[MAIN, source]]);
  for (const [name, text] of Object.entries(siblings)) {
    files.set(name.replace(/\.as$/, EXTENSION), text);
  }
  for (const [path, text] of Object.entries(library)) {
    const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.as$/, '');
    files.set(`${PACKAGE}/${name}${EXTENSION}`, text);
  }
  const diagnostics: Diagnostic[] = [];
  const written = new Map<string, Uint8Array<ArrayBuffer>>();
  const result = await main([MAIN, ...OPTIONS], {
    readFile: (name) => files.get(name) ?? null,
    // The content of the folder `--lib`: the file that must be compiled although no source imports it.
    listFiles: () => [GLOBALS],
    writeFile: (name, contents) => {
      if (typeof contents !== 'string') written.set(name, new Uint8Array(contents));
    },
    reportDiagnostic: ({ message, category, range }) => {
      const path = range?.source.normalizedPath;
      const inLibrary = path?.startsWith(`~lib/${PACKAGE}/`) === true;
      const text = path === undefined || inLibrary ? undefined : files.get(path);
      const isOther = text !== undefined && path !== undefined && path !== MAIN;
      diagnostics.push({
        message: tidy(inLibrary ? `${message} (in ${path})` : message),
        ...(isOther ? { file: tidy(path) } : {}),
        ...position(text ?? source, text === undefined ? 0 : (range?.start ?? 0)),
        severity: category === 3 ? 'error' : category === 2 ? 'warning' : 'info',
      });
    },
  });
  const module = written.get('main.wasm');
  if (result.error === null && module !== undefined) return { ok: true, module, diagnostics };
  if (!diagnostics.some((diagnostic) => diagnostic.severity === 'error')) {
    const message = result.error?.message ?? 'the compiler produced no module';
    diagnostics.push({ message, line: 1, column: 1, severity: 'error' });
  }
  return { ok: false, diagnostics };
}

/** Replaces internal names in a message: `String` for `~lib/string/String`, `other.as` for `other.ts`. */
function tidy(message: string): string {
  if (message.startsWith('Start function name')) {
    return 'Code at the top level runs as _start: do not export a function of that name';
  }
  return message.replaceAll(/~lib\/(?:\w+\/)*/g, '').replaceAll(/\.ts\b/g, '.as');
}

/** Returns the 1-based line and column of an index into the text. */
function position(text: string, index: number): { line: number; column: number } {
  const before = text.slice(0, index).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
