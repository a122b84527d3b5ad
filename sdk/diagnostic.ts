/** The result of `sdk/<language>/compile.ts`. */
export interface Diagnostic {
  /** Name of the file, unless it is the main source. */
  readonly file?: string;
  readonly message: string;
  /** 1-based; 1 if the compiler gave no position. */
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
