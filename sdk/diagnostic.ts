/** What a compiler of `sdk/<language>/compile.ts` gives back. */
export interface Diagnostic {
  /** The file it is about, where that is not the main source. */
  readonly file?: string;
  readonly message: string;
  /** 1-based; 1 where the compiler gave no place in the source. */
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
