/**
 * The languages in which handlers can be written, one row each. `trisiel init`, `build` and `doctor`, the examples, the
 * playground, the generated bindings and the documentation derive from this table. It also loads in a browser.
 */
import { CARGO, CLANG, GO, RUST_TARGET, WASM_LD, ZIG, type Tool } from './tools.ts';

/** A compiler that is part of Trisiel and runs both in Node and in a page: `compile` of sdk/ID/compile.ts. */
interface BuiltInCompiler {
  readonly kind: 'built-in';
  /** The npm packages it imports, which the docs site's development server bundles ahead of time. */
  readonly packages: readonly string[];
  /** If present, a project may import files and npm packages: sdk/ID/project.ts compiles it, with this as ID. */
  readonly projects?: 'javascript';
}

/** A compiler that authors install, run by a shell command in the project's folder. */
export interface InstalledCompiler {
  readonly kind: 'installed';
  readonly command: string;
  /** Environment variables of the command. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly tools: readonly Tool[];
}

/** What `trisiel init` writes, besides the folder cli/templates/FLAG/. */
interface ProjectTemplate {
  /** A hint for choosing the language, in a few words. */
  readonly hint: string;
  /** The source file to edit. */
  readonly source: string;
  /** Matches the files of sdk/ID/ that are copied to the folder olin/ of a project. Undefined: no library. */
  readonly library?: RegExp;
  /** The path of the built module. */
  readonly module: string;
  /** Build outputs, for .gitignore. */
  readonly ignored: readonly string[];
}

interface LanguageRow {
  /** The folder in sdk/, `language` in an example.json, and the last part of the page /handlers/ID/. */
  readonly id: string;
  /** The value of `--language`, and the folder in cli/templates/. */
  readonly flag: string;
  readonly title: string;
  /** The uses of the language, for the table in the documentation. */
  readonly use: string;
  /** File name of a single-file program: an example, or a snippet of the documentation. */
  readonly sourceFile: string;
  /** The grammar of the documentation's highlighter, Shiki. */
  readonly grammar: string;
  /** The language of the playground's editor, Monaco, as playground/editor/editor.ts registers it. Default: plain text. */
  readonly editor?: 'cpp' | 'rust' | 'typescript' | 'wat' | 'zig';
  /** Whether examples/ has programs in this language. */
  readonly hasExamples: boolean;
  /** The generated file in sdk/ID/, written by `emit` of its emit.ts, and the lines of one declaration in it. */
  readonly bindings?: { readonly file: string; readonly lines: number };
  readonly compiler: BuiltInCompiler | InstalledCompiler;
  readonly project: ProjectTemplate;
}

const ROWS = [
  {
    id: 'typescript',
    flag: 'ts',
    title: 'TypeScript',
    use: 'most handlers: web APIs and npm packages',
    sourceFile: 'main.ts',
    grammar: 'typescript',
    editor: 'typescript',
    hasExamples: true,
    compiler: { kind: 'built-in', packages: ['typescript'], projects: 'javascript' },
    project: {
      hint: 'web APIs and npm packages; its compiler comes with trisiel',
      source: 'main.ts',
      library: /\.d\.ts$/,
      module: 'main.wasm',
      ignored: ['*.wasm', 'node_modules/'],
    },
  },
  {
    id: 'javascript',
    flag: 'js',
    title: 'JavaScript',
    use: 'the same as TypeScript, without types',
    sourceFile: 'main.js',
    grammar: 'javascript',
    editor: 'typescript',
    hasExamples: false,
    compiler: { kind: 'built-in', packages: [], projects: 'javascript' },
    project: {
      hint: 'web APIs and npm packages; its compiler comes with trisiel',
      source: 'main.js',
      module: 'main.wasm',
      ignored: ['*.wasm', 'node_modules/'],
    },
  },
  {
    id: 'assemblyscript',
    flag: 'as',
    title: 'AssemblyScript',
    use: 'a first handler; it looks like TypeScript',
    sourceFile: 'main.as',
    grammar: 'typescript',
    editor: 'typescript',
    hasExamples: true,
    bindings: { file: 'raw.as', lines: 2 },
    compiler: { kind: 'built-in', packages: ['assemblyscript/asc'] },
    project: {
      hint: 'looks like TypeScript; its compiler comes with trisiel',
      source: 'main.as',
      library: /\.as$/,
      module: 'main.wasm',
      ignored: ['*.wasm'],
    },
  },
  {
    id: 'rust',
    flag: 'rust',
    title: 'Rust',
    use: 'larger handlers, with the standard library',
    sourceFile: 'main.rs',
    grammar: 'rust',
    editor: 'rust',
    hasExamples: true,
    bindings: { file: 'raw.rs', lines: 1 },
    compiler: {
      kind: 'installed',
      command: 'cargo build --release --target wasm32-unknown-unknown',
      tools: [CARGO, RUST_TARGET],
    },
    project: {
      hint: 'the standard library and crates; needs cargo',
      source: 'src/lib.rs',
      library: /\.rs$|^Cargo\.toml$/,
      module: 'target/wasm32-unknown-unknown/release/handler.wasm',
      ignored: ['target/'],
    },
  },
  {
    id: 'zig',
    flag: 'zig',
    title: 'Zig',
    use: 'small modules without a C library',
    sourceFile: 'main.zig',
    grammar: 'zig',
    editor: 'zig',
    hasExamples: true,
    bindings: { file: 'raw.zig', lines: 1 },
    compiler: {
      kind: 'installed',
      command:
        'zig build-exe -target wasm32-freestanding -O ReleaseSmall -fno-entry --export=_start --stack 65536 -femit-bin=main.wasm --dep olin -Mroot=main.zig -Molin=olin/olin.zig',
      tools: [ZIG],
    },
    project: {
      hint: 'small modules; needs Zig 0.13',
      source: 'main.zig',
      library: /\.zig$/,
      module: 'main.wasm',
      ignored: ['*.wasm', '*.wasm.o', '.zig-cache/'],
    },
  },
  {
    id: 'c',
    flag: 'c',
    title: 'C',
    use: 'existing C code',
    sourceFile: 'main.c',
    grammar: 'c',
    editor: 'cpp',
    hasExamples: true,
    bindings: { file: 'olin-raw.h', lines: 1 },
    compiler: {
      kind: 'installed',
      command:
        'clang --target=wasm32 -std=c17 -O2 -flto -ffreestanding -mbulk-memory -nostdlib -Wall -Wextra -Iolin -Wl,--strip-debug,--stack-first,-z,stack-size=65536 -o main.wasm main.c olin/cgi.c olin/format.c olin/http.c olin/stream.c',
      tools: [CLANG, WASM_LD],
    },
    project: {
      hint: 'no C library; needs clang and lld',
      source: 'main.c',
      library: /\.[ch]$/,
      module: 'main.wasm',
      ignored: ['*.wasm'],
    },
  },
  {
    id: 'go',
    flag: 'go',
    title: 'Go',
    use: "handlers with Go's standard library",
    sourceFile: 'main.go',
    grammar: 'go',
    hasExamples: false,
    compiler: {
      kind: 'installed',
      command: 'go build -trimpath -ldflags="-s -w" -o main.wasm .',
      environment: { GOOS: 'wasip1', GOARCH: 'wasm' },
      tools: [GO],
    },
    project: {
      hint: 'its standard library; modules of 2.5 MB; needs Go 1.24',
      source: 'main.go',
      module: 'main.wasm',
      ignored: ['*.wasm'],
    },
  },
  {
    id: 'wat',
    flag: 'wat',
    title: 'WebAssembly text',
    use: 'learning how WebAssembly works',
    sourceFile: 'main.wat',
    grammar: 'wasm',
    editor: 'wat',
    hasExamples: true,
    compiler: { kind: 'built-in', packages: ['wabt'] },
    project: {
      hint: 'WebAssembly instructions, written by hand; its assembler comes with trisiel',
      source: 'main.wat',
      module: 'main.wasm',
      ignored: ['*.wasm'],
    },
  },
] as const satisfies readonly LanguageRow[];

type Row = (typeof ROWS)[number];

export type LanguageId = Row['id'];
export type ExampleLanguage = Extract<Row, { readonly hasExamples: true }>['id'];
/** A language that is compiled in the playground's page. */
export type PageLanguage = Extract<Row, { readonly compiler: { readonly kind: 'built-in' } }>['id'];

export interface Language extends LanguageRow {
  readonly id: LanguageId;
}

export const LANGUAGES: readonly Language[] = ROWS;

/** Looks up a language by its id. */
export function getLanguage(id: LanguageId): Language {
  const language = LANGUAGES.find((each) => each.id === id);
  if (language === undefined) throw new Error(`sdk/languages.ts has no language ${id}`);
  return language;
}

export function hasExamples(id: LanguageId): id is ExampleLanguage {
  return getLanguage(id).hasExamples;
}

export function isCompiledInPage(id: LanguageId): id is PageLanguage {
  return getLanguage(id).compiler.kind === 'built-in';
}

/** Finds a language by the value of `--language`. */
export function findLanguage(flag: string): Language | undefined {
  return LANGUAGES.find((each) => each.flag === flag);
}

/** The path of its page in the documentation. */
export function handlerPage(id: LanguageId): string {
  return `/handlers/${id}/`;
}
