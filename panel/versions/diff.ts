/** What changed from one version of a handler to another. */
import type { Version } from '../../client/index.ts';

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
  /** The same bytes, whatever the numbers of the versions. */
  readonly isSameModule: boolean;
  readonly bytes: NumberChange;
  readonly functions: NumberChange;
  readonly memoryPages: NumberChange;
  readonly imports: ListChange;
  /** Of the first 64 names, which are what the server keeps. */
  readonly exports: ListChange;
  readonly features: ListChange;
}

type Compared = Pick<
  Version,
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

/** A module may import one function twice; here it counts once. */
function diffLists(before: readonly string[], after: readonly string[]): ListChange {
  const old = new Set(before);
  const now = new Set(after);
  return {
    added: [...now].filter((each) => !old.has(each)).sort(),
    removed: [...old].filter((each) => !now.has(each)).sort(),
    kept: [...now].filter((each) => old.has(each)).sort(),
  };
}
