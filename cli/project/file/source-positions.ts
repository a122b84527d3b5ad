/** Positions of keys in trisiel.toml and trisiel.json, for error messages. */

/** Line and column are 1-based. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}

export function positionAt(source: string, offset: number): SourcePosition {
  const before = source.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** @param key the path of the key, such as `['config', 'PORT']`. If it is not found, the position of its nearest parent */
export function positionOfKey(source: string, key: readonly string[]): SourcePosition {
  let from = 0;
  for (const each of key) {
    const name = each.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    // `name =`, `"name":`, `[name]`, `table.name =`, and inside an inline table.
    const pattern = new RegExp(
      `(^|[\\n{,.])([ \\t\\r\\n]*\\[?[ \\t]*)["']?${name}["']?[ \\t]*[=:.\\]]`,
      'g',
    );
    pattern.lastIndex = from;
    const found = pattern.exec(source);
    if (found === null) break;
    from = found.index + (found[1]?.length ?? 0) + (found[2]?.length ?? 0);
  }
  return positionAt(source, from);
}
