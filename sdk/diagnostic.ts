/** The built-in compilers, `compile` of sdk/ID/compile.ts, and their results. */
export interface Diagnostic {
  /** Name of the file, unless it is the main source. */
  readonly file?: string;
  readonly message: string;
  /** 1-based; 1 if the compiler reported no position. */
  readonly line: number;
  readonly column: number;
  readonly severity: 'error' | 'warning' | 'info';
}

export type Compilation =
  | {
      readonly ok: true;
      readonly module: Uint8Array<ArrayBuffer>;
      /** Warnings, if any. */
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * Compiles one source. A language without a library or without imports of files ignores the other parameters.
 * @param library the files of the language's library, by name or path
 * @param siblings files that the source may import from its own folder, by name
 */
export type CompileSource = (
  source: string,
  library: Readonly<Record<string, string>>,
  siblings?: Readonly<Record<string, string>>,
) => Promise<Compilation>;

/** `compileProject` of `sdk/<language>/project.ts`: compiles a project by the path of its main source. */
export type CompileProject = (path: string) => Promise<Compilation>;
