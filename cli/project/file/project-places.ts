/** Where something stands in trisiel.toml or trisiel.json, for the sentence that refuses it. From 1. */

export interface Place {
  readonly line: number;
  readonly column: number;
}

export function placeAt(source: string, offset: number): Place {
  const before = source.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** @param key such as `['config', 'PORT']`; the file's begin where it is not found */
export function placeOfKey(source: string, key: readonly string[]): Place {
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
  return placeAt(source, from);
}
