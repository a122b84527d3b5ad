/** Pretty-prints JSON. Tokens are copied verbatim, so that long numbers and repeated names stay as they were sent. */

/** Returns undefined if the text is not JSON. */
export function formatJson(text: string): string | undefined {
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
