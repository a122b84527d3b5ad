/** Computes the differences between two versions of a handler. */
import type { ApiVersion } from '../../client/index.ts';

export interface ListChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly kept: readonly string[];
}

export interface NumberChange {
  readonly before: number;
  readonly after: number;
}

export interface VersionDiff {
  /** Both versions have the same bytes. */
  readonly isSameModule: boolean;
  readonly bytes: NumberChange;
  readonly functions: NumberChange;
  readonly memoryPages: NumberChange;
  readonly imports: ListChange;
  /** Compares at most 64 names of each version, which is what the server stores. */
  readonly exports: ListChange;
  readonly features: ListChange;
}

type Compared = Pick<
  ApiVersion,
  'digest' | 'bytes' | 'functions' | 'memoryPages' | 'imports' | 'exports' | 'features'
>;

export function diffVersions(before: Compared, after: Compared): VersionDiff {
  return {
    isSameModule: before.digest === after.digest,
    bytes: { before: before.bytes, after: after.bytes },
    functions: { before: before.functions, after: after.functions },
    memoryPages: { before: before.memoryPages, after: after.memoryPages },
    imports: diffLists(before.imports, after.imports),
    exports: diffLists(before.exports, after.exports),
    features: diffLists(before.features, after.features),
  };
}

/** A name that is listed several times counts once. */
function diffLists(before: readonly string[], after: readonly string[]): ListChange {
  const old = new Set(before);
  const now = new Set(after);
  return {
    added: [...now].filter((each) => !old.has(each)).sort(),
    removed: [...old].filter((each) => !now.has(each)).sort(),
    kept: [...now].filter((each) => old.has(each)).sort(),
  };
}
