/** `KEY=VALUE` lines, as in a .env file, read for setting many at once. */

export interface ReadLines {
  /** The last of two of one key wins, as in a shell. */
  readonly values: ReadonlyMap<string, string>;
  readonly problems: readonly LineProblem[];
}

export interface LineProblem {
  /** 1-based. */
  readonly line: number;
  readonly message: string;
}

const KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/**
 * Blank lines and those that begin with `#` are left out, and `export ` before a key. A value in double quotes may run
 * over several lines and knows `\n`, `\r`, `\t`, `\"` and `\\`; one in single quotes or backticks is taken as it is; one without
 * quotes ends at ` #` or at the line's end.
 */
export function readKeyValueLines(text: string): ReadLines {
  const values = new Map<string, string>();
  const problems: LineProblem[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at]?.trim() ?? '';
    if (line === '' || line.startsWith('#')) continue;
    const number = at + 1;
    const equals = line.indexOf('=');
    const key = (equals === -1 ? line : line.slice(0, equals)).replace(/^export\s+/, '').trim();
    if (equals === -1) {
      // What stands there may be a secret's second line: it is not repeated.
      problems.push({ line: number, message: 'There is no "=". Write KEY=VALUE.' });
      continue;
    }
    if (!KEY.test(key)) {
      problems.push({
        line: number,
        message:
          'The key before "=" must be letters, digits and underscores, and begin with no digit.',
      });
      continue;
    }
    const rest = line.slice(equals + 1).trimStart();
    const mark = rest[0];
    if (mark !== '"' && mark !== "'" && mark !== '`') {
      values.set(key, rest.replace(/\s+#.*$/, '').trimEnd());
      continue;
    }
    const whole = [rest.slice(1)];
    let end = closingAt(rest.slice(1), mark);
    while (end === -1 && at + 1 < lines.length) {
      at += 1;
      whole.push(lines[at] ?? '');
      end = closingAt(whole.join('\n'), mark);
    }
    if (end === -1) {
      problems.push({ line: number, message: `The value of ${key} has no closing ${mark}.` });
      return { values, problems };
    }
    const quoted = whole.join('\n');
    if (!/^\s*(#.*)?$/.test(quoted.slice(end + 1))) {
      problems.push({ line: at + 1, message: `Something follows the closing ${mark} of ${key}.` });
      continue;
    }
    const inside = quoted.slice(0, end);
    values.set(key, mark === '"' ? unescape(inside) : inside);
  }
  return { values, problems };
}

/** -1 where the value goes on in the next line. */
function closingAt(text: string, mark: string): number {
  if (mark !== '"') return text.indexOf(mark);
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return -1;
}

function unescape(text: string): string {
  return text.replaceAll(
    /\\(.)/gs,
    (whole, letter: string) =>
      ESCAPES[letter] ?? (letter === '"' || letter === '\\' ? letter : whole),
  );
}
