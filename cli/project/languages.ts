/** The languages that `trisiel init` writes a handler in. Each is one row here and one folder in cli/templates/. */

/** A program required by a build. */
export interface Tool {
  readonly command: string;
  readonly versionArgs: readonly string[];
  /** What must be there, as a person says it. */
  readonly wanted: string;
  /** How it comes onto a machine, by `process.platform`; `other` is for the rest. */
  readonly install: Readonly<Record<'darwin' | 'linux' | 'win32' | 'other', string>>;
}

export interface Language {
  /** As `--language` names it, and its folder in cli/templates/. */
  readonly id: 'as' | 'c' | 'go' | 'rust' | 'wat' | 'zig';
  readonly title: string;
  readonly hint: string;
  /** The source file. */
  readonly source: string;
  /** The folder of sdk/ whose library a new project gets a copy of, and the names of the files it takes. */
  readonly library: { readonly folder: string; readonly files: RegExp } | undefined;
  /** The shell command that builds; undefined where trisiel has the compiler in it. */
  readonly build: string | undefined;
  readonly module: string;
  /** Build outputs, for .gitignore. */
  readonly ignored: readonly string[];
  readonly tools: readonly Tool[];
}

const CLANG: Tool = {
  command: 'clang',
  versionArgs: ['--version'],
  wanted: 'clang 14 or later, with the target wasm32',
  install: {
    darwin: 'brew install llvm lld, then put $(brew --prefix llvm)/bin first on PATH',
    linux: 'sudo apt install clang lld, or clang and lld by your package manager',
    win32: 'winget install LLVM.LLVM',
    other: 'https://releases.llvm.org',
  },
};

const WASM_LD: Tool = {
  command: 'wasm-ld',
  versionArgs: ['--version'],
  wanted: 'wasm-ld, which is a part of lld',
  install: { ...CLANG.install, darwin: 'brew install lld', linux: 'sudo apt install lld' },
};

const CARGO: Tool = {
  command: 'cargo',
  versionArgs: ['--version'],
  wanted: 'Rust 1.63 or later, with cargo',
  install: {
    darwin: 'https://rustup.rs',
    linux: 'https://rustup.rs, or sudo apt install cargo libstd-rust-dev-wasm32 lld',
    win32: 'winget install Rustlang.Rustup',
    other: 'https://rustup.rs',
  },
};

const RUST_TARGET: Tool = {
  command: 'rustc',
  versionArgs: ['--print=target-libdir', '--target=wasm32-unknown-unknown'],
  wanted: 'the Rust target wasm32-unknown-unknown',
  install: {
    darwin: 'rustup target add wasm32-unknown-unknown',
    linux: 'rustup target add wasm32-unknown-unknown, or sudo apt install libstd-rust-dev-wasm32',
    win32: 'rustup target add wasm32-unknown-unknown',
    other: 'rustup target add wasm32-unknown-unknown',
  },
};

const ZIG: Tool = {
  command: 'zig',
  versionArgs: ['version'],
  wanted: 'Zig 0.13',
  install: {
    darwin: 'pip install ziglang==0.13.0, or https://ziglang.org/download/',
    linux: 'pip install ziglang==0.13.0, or https://ziglang.org/download/',
    win32: 'https://ziglang.org/download/',
    other: 'https://ziglang.org/download/',
  },
};

const GO: Tool = {
  command: 'go',
  versionArgs: ['version'],
  wanted: 'Go 1.24 or later',
  install: {
    darwin: 'brew install go',
    linux: 'https://go.dev/dl/, or sudo apt install golang where that is new enough',
    win32: 'winget install GoLang.Go',
    other: 'https://go.dev/dl/',
  },
};

/** Go is told by its environment what to build for, which each shell sets in a way of its own. */
const GO_TARGET =
  process.platform === 'win32'
    ? 'set "GOOS=wasip1" && set "GOARCH=wasm" &&'
    : 'GOOS=wasip1 GOARCH=wasm';

export const LANGUAGES: readonly Language[] = [
  {
    id: 'as',
    title: 'AssemblyScript',
    hint: 'looks like TypeScript; its compiler comes with trisiel',
    source: 'main.as',
    library: { folder: 'assemblyscript', files: /\.as$/ },
    build: undefined,
    module: 'main.wasm',
    ignored: ['*.wasm'],
    tools: [],
  },
  {
    id: 'rust',
    title: 'Rust',
    hint: 'the standard library and crates; needs cargo',
    source: 'src/lib.rs',
    library: { folder: 'rust', files: /\.rs$|^Cargo\.toml$/ },
    build: 'cargo build --release --target wasm32-unknown-unknown',
    module: 'target/wasm32-unknown-unknown/release/handler.wasm',
    ignored: ['target/'],
    tools: [CARGO, RUST_TARGET],
  },
  {
    id: 'zig',
    title: 'Zig',
    hint: 'small modules; needs Zig 0.13',
    source: 'main.zig',
    library: { folder: 'zig', files: /\.zig$/ },
    build:
      'zig build-exe -target wasm32-freestanding -O ReleaseSmall -fno-entry --export=_start --stack 65536 -femit-bin=main.wasm --dep olin -Mroot=main.zig -Molin=olin/olin.zig',
    module: 'main.wasm',
    ignored: ['*.wasm', '*.wasm.o', '.zig-cache/'],
    tools: [ZIG],
  },
  {
    id: 'c',
    title: 'C',
    hint: 'no C library; needs clang and lld',
    source: 'main.c',
    library: { folder: 'c', files: /\.[ch]$/ },
    build:
      'clang --target=wasm32 -std=c17 -O2 -flto -ffreestanding -mbulk-memory -nostdlib -Wall -Wextra -Iolin -Wl,--strip-debug,--stack-first,-z,stack-size=65536 -o main.wasm main.c olin/cgi.c olin/format.c olin/http.c olin/stream.c',
    module: 'main.wasm',
    ignored: ['*.wasm'],
    tools: [CLANG, WASM_LD],
  },
  {
    id: 'go',
    title: 'Go',
    hint: 'its standard library; modules of 2.5 MB; needs Go 1.24',
    source: 'main.go',
    library: undefined,
    build: `${GO_TARGET} go build -trimpath -ldflags="-s -w" -o main.wasm .`,
    module: 'main.wasm',
    ignored: ['*.wasm'],
    tools: [GO],
  },
  {
    id: 'wat',
    title: 'WebAssembly text',
    hint: 'what the machine runs, written out; its assembler comes with trisiel',
    source: 'main.wat',
    library: undefined,
    build: undefined,
    module: 'main.wasm',
    ignored: ['*.wasm'],
    tools: [],
  },
];

export function findLanguage(id: string): Language | undefined {
  return LANGUAGES.find((language) => language.id === id);
}
