/** The programs that builds of projects run, and how to install them. */
export interface Tool {
  readonly command: string;
  /** Arguments that make it print its version, or another line that proves it is installed. */
  readonly versionArgs: readonly string[];
  /** The program and the required version, for messages: `Zig 0.13`. */
  readonly wanted: string;
  /** A command or an address, by `process.platform`; `other` for every other platform. */
  readonly install: Readonly<Record<'darwin' | 'linux' | 'win32' | 'other', string>>;
}

export const CLANG: Tool = {
  command: 'clang',
  versionArgs: ['--version'],
  wanted: 'clang 14 or later, with the target wasm32',
  install: {
    darwin: 'brew install llvm lld, then put $(brew --prefix llvm)/bin first on PATH',
    linux: 'sudo apt install clang lld, or clang and lld with your package manager',
    win32: 'winget install LLVM.LLVM',
    other: 'https://releases.llvm.org',
  },
};

export const WASM_LD: Tool = {
  command: 'wasm-ld',
  versionArgs: ['--version'],
  wanted: 'wasm-ld, which is part of lld',
  install: { ...CLANG.install, darwin: 'brew install lld', linux: 'sudo apt install lld' },
};

export const CARGO: Tool = {
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

export const RUST_TARGET: Tool = {
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

export const ZIG: Tool = {
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

export const GO: Tool = {
  command: 'go',
  versionArgs: ['version'],
  wanted: 'Go 1.24 or later',
  install: {
    darwin: 'brew install go',
    linux: 'https://go.dev/dl/, or sudo apt install golang if that is new enough',
    win32: 'winget install GoLang.Go',
    other: 'https://go.dev/dl/',
  },
};
