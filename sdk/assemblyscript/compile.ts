/**
 * AssemblyScript source to a module, in Node and in a page alike, with the same bytes in both.
 * The compiler is large (2.9 MB over the wire): import this file when it is first needed.
 */
import { main } from 'assemblyscript/asc';
import type { Compilation, Diagnostic } from '../diagnostic.ts';

/** The compiler knows one extension; the project's sources have another, so that no TypeScript tool reads them. */
const EXTENSION = '.ts';
const MAIN = `main${EXTENSION}`;
/** The import name of the library: `import { stdout } from 'olin'`. */
const PACKAGE = 'olin';
const GLOBALS = `${PACKAGE}/globals${EXTENSION}`;

/** Top-level code runs as `_start`; names are kept for backtraces; nothing is imported but the system calls. */
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
 * Compiles one source against the library. The library's keys are file names, with or without folders before them
 * (`index.as`, `/sdk/assemblyscript/index.as`); its values the files of `sdk/assemblyscript/*.as`. `siblings` are what
 * the source may import from its own folder, by file name: `words.as` as `./words`.
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
    // The folder `--lib` names: the one file that must be read although no source imports it.
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
    const message = result.error?.message ?? 'the compiler gave no module';
    diagnostics.push({ message, line: 1, column: 1, severity: 'error' });
  }
  return { ok: false, diagnostics };
}

/** The compiler's words with the reader's names: `String` for `~lib/string/String`, `other.as` for `other.ts`. */
function tidy(message: string): string {
  if (message.startsWith('Start function name')) {
    return 'Code at the top level runs as _start: export no function of that name';
  }
  return message.replaceAll(/~lib\/(?:\w+\/)*/g, '').replaceAll(/\.ts\b/g, '.as');
}

/** Line and column, 1-based, of an index into the text. */
function position(text: string, index: number): { line: number; column: number } {
  const before = text.slice(0, index).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
