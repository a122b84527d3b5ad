/** JSON laid out for reading. Its own tokens are kept, so that a long number or a repeated name stays as it was sent. */

/** Undefined where the text is no JSON. */
export function layOutJson(text: string): string | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  let depth = 0;
  let out = '';
  let before = '';
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    const closes = token === '}' || token === ']';
    if (closes) depth -= 1;
    const empty = closes && (before === '{' || before === '[');
    if (!empty && (closes || before === '{' || before === '[' || before === ',')) {
      out += `\n${'  '.repeat(depth)}`;
    }
    out += token === ':' ? ': ' : token;
    if (token === '{' || token === '[') depth += 1;
    before = token;
  }
  return out;
}
